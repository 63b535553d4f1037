using ActivityHub.Hub.Commands;
using ActivityHub.Ledger;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Start;

/// <summary>The defaults of settings that the operator has not set.</summary>
internal static class DefaultSettings
{
    public const string DemoSetting = "Demo";
    private const string DefaultUrl = "http://localhost:8080";
    private const string PublicUrlSetting = "Hub:PublicUrl";
    private const string DataDirectorySetting = "Hub:DataDirectory";
    private const string DemoDirectory = "./hub-demo-data";
    private static readonly string[] AddressSettings = ["urls", "http_ports", "https_ports"];
    private const string Loopback = "127.0.0.0/8,::1/128";

    public static void AddDefaultSettings(this WebApplicationBuilder builder, CommandLine commandLine)
    {
        AddShipped(builder.Configuration);
        var configuration = builder.Configuration;
        if (!ListensSomewhere(configuration))
        {
            builder.WebHost.UseUrls(DefaultUrl);
        }

        PublicUrl.Check(configuration["urls"]);
        var derived = new Dictionary<string, string?>();
        if (string.IsNullOrWhiteSpace(configuration[PublicUrlSetting]) && PublicUrl.From(configuration["urls"]) is { } url)
        {
            derived[PublicUrlSetting] = url;
        }

        if (commandLine.Demo)
        {
            derived[DemoSetting] = "true";
            if (!string.IsNullOrEmpty(configuration.GetConnectionString("Ledger")))
            {
                throw new WrongSettingException(
                    "ConnectionStrings:Ledger", "…", "left out with --demo, which has data of its own in an embedded database");
            }

            if (string.IsNullOrWhiteSpace(configuration[DataDirectorySetting]))
            {
                derived[DataDirectorySetting] = DemoDirectory;
            }

            derived["Try:Enabled"] = "true";
            derived[NetworkSetting.AllowedCallbacks] = string.Join(
                ',', [.. NetworkSetting.In(configuration, NetworkSetting.AllowedCallbacks), Loopback]);
        }

        configuration.AddInMemoryCollection(derived);
        builder.Services.AddSingleton<IValidateOptions<HubOptions>, PublicUrl.Rule>();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(30));
    }

    // The host looks for appsettings.json where it was started; ours lies beside the program. It is the weakest source of all.
    private static void AddShipped(ConfigurationManager configuration) => configuration.Sources.Insert(0, new JsonConfigurationSource
    {
        FileProvider = new PhysicalFileProvider(AppContext.BaseDirectory),
        Path = "appsettings.json",
        Optional = true,
    });

    private static bool ListensSomewhere(ConfigurationManager configuration) =>
        AddressSettings.Any(name => !string.IsNullOrWhiteSpace(configuration[name])) ||
        configuration.GetSection("Kestrel:Endpoints").GetChildren().Any();
}
