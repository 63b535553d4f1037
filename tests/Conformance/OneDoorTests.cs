using System.Reflection;
using Shouldly;
using Xunit;

namespace ActivityHub.Conformance;

// Every request to an address that another party chose goes through the guarded egress client. No project of the product has a second way.
public sealed class OneDoorTests
{
    private const string Door = "ActivityHub.Workers.Outbound.";

    private static readonly string[] WaysOut =
    [
        "System.Net.Http.HttpClient", "System.Net.Http.HttpClientHandler", "System.Net.Http.SocketsHttpHandler",
        "System.Net.Http.HttpMessageInvoker", "System.Net.Sockets.Socket", "System.Net.Sockets.TcpClient", "System.Net.Sockets.UdpClient",
        "System.Net.Sockets.NetworkStream", "System.Net.WebSockets.ClientWebSocket", "System.Net.WebClient", "System.Net.Mail.SmtpClient",
        "MailKit.Net.Smtp.SmtpClient", "System.Net.NetworkInformation.Ping",
    ];

    private static readonly string[] OtherWays = ["System.Net.WebRequest.", "System.Net.Quic.", "System.Net.Http.HttpClientFactory",
        "System.Net.Dns."];

    // The tools are not part of the product: they call it.
    public static TheoryData<string> Rooms => [.. Conformance.ProjectDependencies.Allowed.Keys.Where(room => room != "Phones")];

    [Theory, MemberData(nameof(Rooms))]
    public void Nothing_but_the_door_makes_a_connection_or_asks_for_a_name(string room) =>
        Exits(Assembly.Load($"ActivityHub.{room}"))
            // The role's registration gives the egress client its resolver.
            .Where(exit => exit != ("ActivityHub.Workers.WorkersRegistration", "System.Net.Dns.GetHostAddressesAsync"))
            // Mail goes to the one server that the operator configured; no other party chooses it.
            .Where(exit => exit != ("ActivityHub.Hub.Accounts.Mail.SmtpMailer", "MailKit.Net.Smtp.SmtpClient"))
            // An incoming connection: the listener only uses sockets that it has accepted.
            .Where(
                exit =>
                    exit.By != "ActivityHub.FeedApi.Intake.Mqtt.MqttListener" ||
                        exit.What is not ("System.Net.Sockets.Socket" or "System.Net.Sockets.NetworkStream"))
            // A socket file in the data folder, for commands on this machine: it has no network address.
            .Where(
                exit =>
                    exit.By != "ActivityHub.Hub.Commands.CommandSocket" ||
                        exit.What is not ("System.Net.Sockets.Socket" or "System.Net.Sockets.NetworkStream"))
            .Where(exit => !exit.By.StartsWith(Door, StringComparison.Ordinal))
            .ShouldBeEmpty();

    // A search that never finds anything proves nothing.
    [Fact]
    public void The_look_finds_the_door_and_what_this_very_test_does()
    {
        Exits(Assembly.Load("ActivityHub.Workers")).ShouldBeSubsetOf(
        [
            ("ActivityHub.Workers.Outbound.EgressClient", "System.Net.Http.HttpMessageInvoker"),
            ("ActivityHub.Workers.Outbound.EgressClient", "System.Net.Http.SocketsHttpHandler"),
            ("ActivityHub.Workers.Outbound.FilteredConnection", "System.Net.Sockets.Socket"),
            ("ActivityHub.Workers.Outbound.FilteredConnection", "System.Net.Sockets.NetworkStream"),
            ("ActivityHub.Workers.WorkersRegistration", "System.Net.Dns.GetHostAddressesAsync"),
        ]);
        Exits(Assembly.Load("ActivityHub.Workers")).Count.ShouldBe(5);
        using var client = new System.Net.Sockets.TcpClient();
        Exits(typeof(OneDoorTests).Assembly).ShouldContain((typeof(OneDoorTests).FullName!, "System.Net.Sockets.TcpClient"));
    }

    private static IReadOnlyList<(string By, string What)> Exits(Assembly assembly) =>
    [
        .. MadeObjects.In(assembly)
            .Where(found => WaysOut.Contains(found.What) || OtherWays.Any(way => found.What.StartsWith(way, StringComparison.Ordinal))),
    ];
}
