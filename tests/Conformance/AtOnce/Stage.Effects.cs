using System.Net;
using System.Text.Json;
using ActivityHub.TestKit;
using Shouldly;

namespace ActivityHub.Conformance.AtOnce;

/// <summary>Checks the effect of a request that was sent several times at once.</summary>
internal sealed partial class Stage
{
    /// <summary>The update with the phone's own id exists once.</summary>
    public async Task OneUpdate(IReadOnlyList<Answered> answers)
    {
        answers.ShouldAllBe(answer => answer.Status == 200 || answer.Status == 201, Effects.Statuses(answers));
        var items = (await Owner.Http.JsonAsync($"/feeds/{Phone.Feed}.json")).GetProperty("items");
        items.GetArrayLength().ShouldBe(2);
    }

    public async Task OneSubscription(IReadOnlyList<Answered> answers)
    {
        answers.ShouldAllBe(answer => answer.Status == 201 || answer.Status == 202, Effects.Statuses(answers));
        await Owner.WaitForSubscriptionAsync(Phone.Feed, CallbackUrl);
        (await Owner.SubscriptionsAsync(Phone.Feed)).ShouldHaveSingleItem();
    }

    /// <summary>The subscriber is informed of the end once.</summary>
    public async Task DeniedOnce(IReadOnlyList<Answered> answers)
    {
        answers.ShouldAllBe(answer => answer.Status == 204, Effects.Statuses(answers));
        var callback = _hubs.Callback.At("/" + Phone.Feed);
        await callback.WaitUntilAsync(requests => requests.Any(IsDenial));
        callback.Requests.Count(IsDenial).ShouldBe(1);
    }

    /// <summary>Of all new device keys, only the last one opens the feed.</summary>
    public async Task OneKeyOpens(IReadOnlyList<Answered> answers)
    {
        answers.ShouldAllBe(answer => answer.Status == 200, Effects.Statuses(answers));
        var open = 0;
        foreach (var key in answers.Select(answer => JsonElement.Parse(answer.Text).GetProperty("key").GetString()!))
        {
            using var http = new HttpClient(new SocketsHttpHandler()) { BaseAddress = new Uri(_hubs.BaseUrl) };
            http.DefaultRequestHeaders.Authorization = new("Bearer", LoggedSecrets.Note("device key", key));
            using var answer = await http.AskAsync($"/devices/{Phone.Id}/inbox");
            open += answer.StatusCode == HttpStatusCode.OK ? 1 : 0;
        }

        open.ShouldBe(1);
    }

    /// <summary>Every accepted request was answered that the account is deleted, and it is.</summary>
    public async Task AccountIsGone(IReadOnlyList<Answered> answers)
    {
        answers.Any(answer => answer.Status == 204).ShouldBeTrue(Effects.Statuses(answers));
        answers.ShouldAllBe(
            answer => answer.Status == 204 || answer.Status == 401 || answer.Status == 403 || answer.Status == 429,
            Effects.Statuses(answers));
        using var again = await Another!.Http.AskAsync("/api/devices");
        again.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    /// <summary>A list has as many items as there are 201 answers.</summary>
    public Func<IReadOnlyList<Answered>, Task> AsManyAsSaid(string list) => answers => ListHasAsync(Owner, list, answers);

    private static async Task ListHasAsync(TestOwner owner, string list, IReadOnlyList<Answered> answers)
    {
        var items = (await owner.Http.JsonAsync(list)).GetProperty("items").GetArrayLength();
        items.ShouldBe(answers.Count(answer => answer.Status == 201), Effects.Statuses(answers));
    }

    private static bool IsDenial(ReceivedRequest request) => request.Parameter("hub.mode") == "denied";
}
