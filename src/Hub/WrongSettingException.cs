namespace ActivityHub.Hub;

/// <summary>A setting with which the process must not start; its message is one line for the operator.</summary>
internal sealed class WrongSettingException(string name, string? found, string wanted)
    : InvalidOperationException($"{name} is \"{found}\"; it must be {wanted}.");
