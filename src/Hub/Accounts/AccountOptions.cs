using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Accounts;

/// <summary>Who may have an account, and how signing in is guarded: section <c>Accounts</c>.</summary>
public sealed class AccountOptions
{
    public const string Section = "Accounts";
    public const string Open = "open";
    public const string Closed = "closed";

    /// <summary>Whether new accounts may be opened.</summary>
    /// <value>Default <c>open</c>; <c>open</c> or <c>closed</c>.</value>
    [Required, AllowedValues(Open, Closed, ErrorMessage = "must be open or closed")]
    public string SignUp { get; set; } = Open;

    /// <summary>
    /// How many wrong passwords in a row lock an address: for a minute, and for twice as long after each further one, up to an hour.
    /// </summary>
    /// <value>Default 10; 1 to 1,000.</value>
    [Range(1, 1000)]
    public int LockAfter { get; set; } = 10;

    /// <summary>For how many days a browser that is used stays signed in.</summary>
    /// <value>Default 30; 1 to 365.</value>
    [Range(1, 365)]
    public int SessionDays { get; set; } = 30;

    /// <summary>After how many days without use it is signed out.</summary>
    /// <value>Default 7; 1 to 365.</value>
    [Range(1, 365)]
    public int IdleDays { get; set; } = 7;
}

[OptionsValidator]
internal sealed partial class AccountOptionsValidator : IValidateOptions<AccountOptions>;
