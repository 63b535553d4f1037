using System.Net;
using System.Text;
using ActivityHub.Conformance.Access;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;
using static ActivityHub.Conformance.Http;

namespace ActivityHub.Conformance.Owners;

/// <summary>The pages of a phone with faults: they show external content as text, never as markup.</summary>
public sealed class ConsolePagesTests(SharedHubs hubs)
{
    [Theory, BothDatabases]
    public async Task What_could_not_be_read_and_what_was_sent_to_the_phone_show_as_text(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        using var browser = await SignedInBrowser.OpenAsync(scene.Owner, scene.Hub.BaseUrl);
        using var sent = await scene.Owner.Http.PostJsonAsync(
            $"/api/feeds/{scene.Feed}/messages", """{"text":"<b>come home</b>","url":"https://a.example/?a=1&b=2"}""");
        sent.StatusCode.ShouldBe(HttpStatusCode.Created);
        using var rejected = await scene.Phone.Http.PostAsync(
            $"{scene.Phone.IngestUrl}/overland", new StringContent("""{"locations":[{"x":"<script>no</script>"}]}"""), Cancel);
        rejected.StatusCode.ShouldBe(HttpStatusCode.OK);

        var messages = await browser.PageAsync($"/devices/{scene.Phone.Id}/messages");
        messages.ShouldContain("&lt;b&gt;come home&lt;/b&gt;");
        messages.ShouldContain("a=1&amp;b=2");
        messages.ShouldContain("Take it back");

        var page = await browser.PageAsync($"/devices/{scene.Phone.Id}/rejected");
        page.ShouldContain("<code>overland</code>");
        page.ShouldNotContain("<script>no");
        page.ShouldContain("&lt;script&gt;no");
        page.ShouldContain("Read it again");
    }

    [Theory, BothDatabases]
    public async Task A_parked_update_shows_with_its_subscription(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var callback = await CallbackListener.AnsweringAsync(CallbackReply.By(
            request => Encoding.UTF8.GetString(request.Body.Span).Contains("poison", StringComparison.Ordinal)
                ? CallbackReply.Text(HttpStatusCode.UnprocessableEntity, "<i>not me</i>")
                : HttpStatusCode.NoContent));
        await scene.SubscribeAsync(scene.Keyed("json"), callback.Url(), content: "delta");
        await scene.PostEachAsync("a", "poison", "b", "c", "d");
        var id = "";
        await Eventually.ShouldAsync(async () =>
        {
            var seen = await scene.Owner.Http.JsonAsync($"/api/feeds/{scene.Feed}/subscriptions");
            id = seen.GetProperty("items")[0].GetProperty("id").GetString()!;
            return seen.GetProperty("items")[0].GetProperty("parked").GetInt32() == 1;
        });
        using var browser = await SignedInBrowser.OpenAsync(scene.Owner, scene.Hub.BaseUrl);

        var page = await browser.PageAsync($"/devices/{scene.Phone.Id}/subscriptions/{id}");
        page.ShouldContain("&lt;i&gt;not me&lt;/i&gt;");
        page.ShouldContain("Send again");
        page.ShouldContain("Give it up");
        page.ShouldContain("<td>422");
        (await browser.PageAsync($"/devices/{scene.Phone.Id}/subscriptions")).ShouldContain(callback.Url());
    }
}
