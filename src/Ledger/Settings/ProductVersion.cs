using System.Reflection;

namespace ActivityHub.Ledger.Settings;

/// <summary>The version of the product.</summary>
public static class ProductVersion
{
    /// <summary>The version, such as <c>1.0.0</c>, without the commit of the build.</summary>
    public static string Text =>
        (typeof(ProductVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0")
            .Split('+')[0];
}
