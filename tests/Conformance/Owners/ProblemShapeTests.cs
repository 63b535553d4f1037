using System.Net;
using System.Text;
using ActivityHub.TestKit;
using Xunit;

namespace ActivityHub.Conformance.Owners;

/// <summary>Errors that the framework answers by itself have the common form, too.</summary>
public sealed class ProblemShapeTests(SharedHubs hubs)
{
    [Theory]
    [InlineData("GET", "/nothing/at/all", null, HttpStatusCode.NotFound)]
    [InlineData("GET", "/feeds/zzz.atom", null, HttpStatusCode.NotFound)]
    [InlineData("GET", "/feeds/zzz.atom?wrong=1", null, HttpStatusCode.BadRequest)]
    [InlineData("POST", "/feeds/zzz/updates", "application/json", HttpStatusCode.Unauthorized)]
    [InlineData("GET", "/devices/zzz/inbox", null, HttpStatusCode.Unauthorized)]
    [InlineData("GET", "/api/devices", null, HttpStatusCode.Unauthorized)]
    [InlineData("PUT", "/api/devices", "application/json", HttpStatusCode.MethodNotAllowed)]
    [InlineData("GET", "/api/app/feeds", null, HttpStatusCode.Unauthorized)]
    [InlineData("POST", "/api/accounts", "text/plain", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("POST", "/api/accounts", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("GET", "/subscriptions/zzz?key=x", null, HttpStatusCode.NotFound)]
    public async Task An_error_has_the_one_form(string method, string path, string? type, HttpStatusCode status)
    {
        var hub = await hubs.OnAsync(Database.Sqlite);
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (type is not null)
        {
            request.Content = new StringContent("{", Encoding.UTF8, type);
        }

        using var answer = await hub.Http.SendAsync(request, TestContext.Current.CancellationToken);

        await answer.ProblemAsync(status);
    }
}
