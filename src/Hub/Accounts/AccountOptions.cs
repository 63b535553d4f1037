using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Accounts;

/// <summary>Who may have an account: section <c>Accounts</c>.</summary>
public sealed class AccountOptions
{
    public const string Section = "Accounts";
    public const string Open = "open";
    public const string Closed = "closed";

    /// <summary>Whether anybody may sign up.</summary>
    /// <value>Default <c>open</c>; <c>open</c> or <c>closed</c>.</value>
    [Required, AllowedValues(Open, Closed, ErrorMessage = "must be open or closed")]
    public string SignUp { get; set; } = Open;
}

[OptionsValidator]
internal sealed partial class AccountOptionsValidator : IValidateOptions<AccountOptions>;
