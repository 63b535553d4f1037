using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace ActivityHub.Ledger;

/// <summary>What every role has to know of the installation: section <c>Hub</c>.</summary>
public sealed class HubOptions
{
    public const string Section = "Hub";

    /// <summary>Where the world reaches the hub; every link begins with it.</summary>
    /// <value>Default <c>http://localhost:8080</c>; an absolute http or https URL without query and fragment.</value>
    [Required]
    public Uri PublicUrl { get; set; } = new("http://localhost:8080");

    /// <summary>The folder of the embedded database. Not used on PostgreSQL.</summary>
    /// <value>Default <c>./hub-data</c>.</value>
    [Required, MinLength(1)]
    public string DataDirectory { get; set; } = "./hub-data";

    /// <summary>A file with 32 or more random bytes that wraps the key ring in the ledger.</summary>
    /// <value>Default none: the ring is kept as it is, and a copy of the database opens what it encrypts.</value>
    public string? KeyFile { get; set; }

    /// <summary><c>{base}</c> without a slash at its end.</summary>
    public string Base => PublicUrl.GetLeftPart(UriPartial.Path).TrimEnd('/');

    /// <summary>The path of the public URL: <c>/hub</c>, or empty where the hub has a name of its own.</summary>
    public string PathBase => PublicUrl.AbsolutePath.TrimEnd('/');
}

[OptionsValidator]
internal sealed partial class HubOptionsValidator : IValidateOptions<HubOptions>;
