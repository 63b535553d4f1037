namespace ActivityHub.FeedApi.Phones;

/// <summary>All formats, in the order in which they are asked whether a message is theirs; the last takes what nobody knows.</summary>
internal sealed class PhoneFormats(IEnumerable<IPhoneFormat> formats)
{
    private readonly IPhoneFormat[] _formats = [.. formats];

    public IReadOnlyList<IPhoneFormat> All => _formats;

    /// <summary>By its name in the address, in any case; null where there is none of that name.</summary>
    public IPhoneFormat? Find(string name) => Array.Find(_formats, format => format.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>By what the message looks like.</summary>
    public IPhoneFormat Recognise(PhoneRequest request) => Array.Find(_formats, format => format.Recognises(request)) ?? _formats[^1];
}
