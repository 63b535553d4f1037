namespace ActivityHub.FeedApi.Intake;

/// <summary>All formats, in the order in which they are asked whether a message is theirs; the last takes what nobody knows.</summary>
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

    /// <summary>By what its app calls itself; the last where nobody knows it.</summary>
    public IPhoneFormat OfApp(PhoneRequest request) =>
        (request.App is { } app ? Array.Find(_formats, format => format.IsOf(app)) : null) ?? _formats[^1];
}
