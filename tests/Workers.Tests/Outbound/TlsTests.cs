using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ActivityHub.Workers.Outbound;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests.Outbound;

// With https an authority vouches for the other side: a callback with an invalid certificate gets no request.
public sealed class TlsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("127.0.0.1", "Its certificate is not signed by an authority that this hub trusts.")]
    [InlineData("somebody-else.example", "Its certificate is not for this name.")]
    public async Task A_certificate_that_does_not_hold_is_refused_in_words_that_say_so(string name, string error)
    {
        using var certificate = Certificate(name);
        await using var callback = RawCallback.Answering("HTTP/1.1 204 No Content\r\n\r\n", certificate: certificate);
        using var door = EgressClients.Open("127.0.0.0/8");

        var answer = await door.Client.GetAsync(callback.Url, null, Cancel);

        (answer.Outcome, answer.Status, answer.Error).ShouldBe((AttemptOutcome.Unreachable, null, error));
        callback.Connections.ShouldBe(1);
        callback.Requests.ShouldBe(0);
    }

    [Fact]
    public async Task Https_that_is_answered_without_TLS_is_named()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var door = EgressClients.Open("127.0.0.0/8");

        var asked = door.Client.GetAsync(new Uri($"https://{listener.LocalEndpoint}/"), null, Cancel);
        using var connection = await listener.AcceptTcpClientAsync(Cancel);
        await connection.GetStream().WriteAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray(), Cancel);
        var answer = await asked;

        (answer.Outcome, answer.Error).ShouldBe((AttemptOutcome.Unreachable, "No secure connection could be made (TLS or certificate)."));
    }

    private static X509Certificate2 Certificate(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(name, out var address))
        {
            names.AddIpAddress(address);
        }
        else
        {
            names.AddDnsName(name);
        }

        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var made = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
        // On some systems a server can use the key only after an import from PKCS#12.
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }
}
