namespace ActivityHub.FeedApi.Intake;

/// <summary>Lists all formats in the order in which they are tried; the last one accepts every other message.</summary>
internal sealed class PhoneFormats(IEnumerable<IPhoneFormat> formats)
{
    private readonly IPhoneFormat[] _formats = [.. formats];

    public IReadOnlyList<IPhoneFormat> All => _formats;

    /// <summary>Returns the format with this name in the address, ignoring case; null where there is none.</summary>
    public IPhoneFormat? Find(string name) => Array.Find(_formats, format => format.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// Returns the first format that recognizes the message. A message that is empty, too large or cannot be unpacked gets a format by its
    /// user agent.
    /// </summary>
    public IPhoneFormat Recognise(PhoneRequest request) =>
        request.IsEmpty || request.Coding is not null || (request.Json is null && request.Excess is not null)
            ? OfApp(request)
            : Array.Find(_formats, format => format.Recognises(request)) ?? _formats[^1];

    /// <summary>Returns the format of an app by its user agent; the last format where the app is unknown.</summary>
    public IPhoneFormat OfApp(PhoneRequest request) =>
        (request.App is { } app ? Array.Find(_formats, format => format.IsOf(app)) : null) ?? _formats[^1];
}
