namespace ActivityHub.FeedApi.Intake;

/// <summary>Lists all formats in the order in which they are tried; the last one accepts every other message.</summary>
internal sealed class PhoneFormats(IEnumerable<IPhoneFormat> formats)
{
    private readonly IPhoneFormat[] _formats = [.. formats];

    public IReadOnlyList<IPhoneFormat> All => _formats;

    /// <summary>By its name in the address, in any case; null where there is none of that name.</summary>
    public IPhoneFormat? Find(string name) => Array.Find(_formats, format => format.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>By what the message looks like; where it looks like nothing, by what its app calls itself.</summary>
    public IPhoneFormat Recognise(PhoneRequest request) =>
        request.IsEmpty || request.Coding is not null || (request.Json is null && request.Excess is not null)
            ? OfApp(request)
            : Array.Find(_formats, format => format.Recognises(request)) ?? _formats[^1];

    /// <summary>Returns the format of an app by its user agent; the last format where the app is unknown.</summary>
    public IPhoneFormat OfApp(PhoneRequest request) =>
        (request.App is { } app ? Array.Find(_formats, format => format.IsOf(app)) : null) ?? _formats[^1];
}
