using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace ActivityHub.Ledger;

/// <summary>The options of the installation that every role needs: section <c>Hub</c>.</summary>
public sealed class HubOptions
{
    public const string Section = "Hub";

    /// <summary>The public address of the hub; every link begins with it.</summary>
    /// <value>Default <c>http://localhost:8080</c>; an absolute http or https URL without query and fragment.</value>
    [Required]
    public Uri PublicUrl { get; set; } = new("http://localhost:8080");

    /// <summary>The folder of the embedded database. Not used on PostgreSQL.</summary>
    /// <value>Default <c>./hub-data</c>.</value>
    [Required, MinLength(1)]
    public string DataDirectory { get; set; } = "./hub-data";

    /// <summary>A file with 32 or more random bytes that wraps the key ring in the ledger.</summary>
    /// <value>Default none: the ring is stored unencrypted, so a copy of the database can decrypt its own secrets.</value>
    public string? KeyFile { get; set; }

    /// <summary>The public URL (<c>{base}</c>) without a trailing slash.</summary>
    public string Base => PublicUrl.GetLeftPart(UriPartial.Path).TrimEnd('/');

    /// <summary>The path of the public URL, for example <c>/hub</c>; empty if the hub has a host name of its own.</summary>
    public string PathBase => PublicUrl.AbsolutePath.TrimEnd('/');
}

[OptionsValidator]
internal sealed partial class HubOptionsValidator : IValidateOptions<HubOptions>;
