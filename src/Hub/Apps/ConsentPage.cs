using System.Globalization;
using System.Text;
using ActivityHub.Hub.Api.Grants;
using ActivityHub.Hub.Pages;
using ActivityHub.Ledger.Apps;
using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Places;
using ActivityHub.Ledger.Updates;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ActivityHub.Hub.Apps;

/// <summary>The question to an owner.</summary>
/// <param name="App">The app that asks.</param>
/// <param name="Account">The address of the account that is signed in.</param>
/// <param name="RedirectUri">The address that gets the answer.</param>
/// <param name="Request">The app's request, to be sent again with the answer.</param>
/// <param name="Asked">The requested view.</param>
/// <param name="Devices">The owner's phones.</param>
/// <param name="Fault">The fault of the previous answer.</param>
internal sealed record ConsentQuestion(
    App App, string Account, Uri RedirectUri, IReadOnlyList<KeyValuePair<string, string>> Request, IReadOnlyList<AskedAccess> Asked,
    IReadOnlyList<ConsentDevice> Devices, string? Fault);

/// <summary>A phone to choose.</summary>
internal sealed record ConsentDevice(string Name, long FeedId);

/// <summary>Asks an owner whether an app may have the requested view, phone by phone, and lets the owner reduce it.</summary>
internal static class ConsentPage
{
    public static ContentHttpResult Of(HttpResponse response, ConsentQuestion question, AntiforgeryTokenSet token, DateTimeOffset now)
    {
        var name = Html.Encode(question.App.DisplayName);
        var body = new StringBuilder();
        body.Append($"""
            <h1>{name} asks for access</h1>
            <p class="lead">{Homepage(question.App)}You are signed in as {Html.Encode(question.Account)}. The answer goes to
                {Html.Encode(question.RedirectUri.GetLeftPart(UriPartial.Authority))}.</p>

            """);
        if (question.Fault is not null)
        {
            body.Append($"<p role=\"alert\"><strong>{Html.Encode(question.Fault)}</strong></p>\n");
        }

        body.Append($"<form method=\"post\" action=\"{OAuthServer.AuthorizePath.Split('/')[^1]}\">\n");
        foreach (var (field, value) in question.Request.Append(KeyValuePair.Create(token.FormFieldName, token.RequestToken ?? "")))
        {
            body.Append($"<input type=\"hidden\" name=\"{Html.Encode(field)}\" value=\"{Html.Encode(value)}\">\n");
        }

        for (var detail = 0; detail < question.Asked.Count; detail++)
        {
            Append(body, question, detail, now);
        }

        body.Append($"""
            <p>You can take this back at any time. Nothing else of your account is given.</p>
            <p><button name="{ConsentForm.Answer}" value="{ConsentForm.Allow}">Allow</button>
            <button class="quiet" name="{ConsentForm.Answer}" value="deny">Deny</button></p>
            </form>
            """);
        return Html.Page(
            response, $"{question.App.DisplayName} asks for access", body.ToString(), hasForms: true, formsLeadTo: question.RedirectUri);
    }

    private static void Append(StringBuilder body, ConsentQuestion question, int detail, DateTimeOffset now)
    {
        var asked = question.Asked[detail];
        body.Append($"""
            <h2>It wants to {Html.Encode(Describe(asked.View, now))}</h2>
            <p>Of {(asked.MostFeeds is { } most ? $"at most {most} of your phones" : "any of your phones")}. Tick those that it may see; you
                can give less than it asks for.</p>

            """);
        foreach (var device in question.Devices)
        {
            string Name(string field = "") => ConsentForm.NameOf(detail, device.FeedId, field);
            body.Append($"""
                <fieldset class="choices" data-phone><legend><label class="check"><input type="checkbox" name="{Name()}">
                    {Html.Encode(device.Name)}</label></legend>
                <div role="group" aria-label="Kinds">{Kinds(asked.View, Name)}</div>
                {Select(Name("precision"), "Places", Precisions(asked.View))}
                {Select(Name("history"), "Past", Histories(asked.View, now))}
                {Select(Name("delay"), "Delay", Delays(asked.View))}
                {Select(Name("until"), "Ends", Ends(asked.View, now))}</fieldset>

                """);
        }

        if (question.Devices.Count == 0)
        {
            body.Append("<p class=\"empty\">You have no phone yet. <a href=\"/today\">Add one</a>, then let the app ask again.</p>\n");
        }
    }

    private static string Describe(AppView view, DateTimeOffset now) =>
        $"{string.Join(" and ", view.ActionWords.Where(word => word != "reply").Select(ActionOf))} " +
        $"{(view.Kinds is null ? "everything" : string.Join(", ", view.Kinds))}; places: {Words(view.Precision)}; past: {Past(view, now)}" +
        $"{(view.Rights.HasFlag(GrantRights.Reply) ? "; send messages to the phone" : "")}" +
        $"{(view.DelaySeconds > 0 ? $"; {view.DelaySeconds} seconds later" : "")}" +
        $"{(view.Until is { } until ? $"; until {Time(until)}" : "; until you take it back")}";

    private static string ActionOf(string word) => word == "read" ? "read" : "get deliveries of";

    private static string Homepage(App app) => app.Homepage.Length == 0
        ? ""
        : $"<a href=\"{Html.Encode(app.Homepage)}\" rel=\"noreferrer\">{Html.Encode(app.Homepage)}</a><br>";

    private static string Kinds(AppView asked, Func<string, string> name)
    {
        var all = asked.Kinds is null
            ? $"<label class=\"check\"><input type=\"checkbox\" name=\"{name("all")}\" checked> all, also those to come</label>"
            : "";
        return all + string.Concat((asked.Kinds ?? Kind.WellKnown.Split(',')).Select(kind =>
            $"<label class=\"check\"><input type=\"checkbox\" "
            + $"name=\"{Html.Encode(name("kind." + kind))}\"{(asked.Kinds is null ? "" : " checked")}> {Html.Encode(kind)}</label>"));
    }

    private static IEnumerable<(string Value, string Text)> Histories(AppView asked, DateTimeOffset now) =>
        ConsentForm.Histories.Where(one => asked.From is null || now - one.Past >= asked.From).Select(one => (one.Word, one.Text))
            .Prepend(("asked", Past(asked, now))).DistinctBy(one => one.Item2);

    private static IEnumerable<(string Value, string Text)> Delays(AppView asked) =>
        ConsentForm.Delays.Where(one => one.Seconds > asked.DelaySeconds)
            .Select(one => (one.Seconds.ToString(CultureInfo.InvariantCulture), one.Text))
            .Prepend(
                (asked.DelaySeconds.ToString(CultureInfo.InvariantCulture), asked.DelaySeconds == 0
                    ? "none"
                    : $"{asked.DelaySeconds} seconds"));

    private static IEnumerable<(string Value, string Text)> Ends(AppView asked, DateTimeOffset now) =>
        ConsentForm.Ends.Where(one => asked.Until is null || now + one.Length < asked.Until).Select(one => (one.Word, one.Text))
            .Prepend(("asked", asked.Until is { } until ? Time(until) : "when you take it back"));

    private static string Select(string name, string label, IEnumerable<(string Value, string Text)> options) =>
        $"<label>{label} <select name=\"{name}\">" +
        string.Concat(options.Select(option => $"<option value=\"{option.Value}\">{Html.Encode(option.Text)}</option>")) +
        "</select></label>";

    private static IEnumerable<(string Value, string Text)> Precisions(AppView view) =>
        PrecisionWords.All.Where(one => one.Precision >= view.Precision).Select(one => (one.Word, Words(one.Precision)));

    private static string Past(AppView view, DateTimeOffset now) =>
        view.From is not { } from ? "everything" : from >= now ? "from now on" : $"since {Time(from)}";

    private static string Words(Precision precision) => precision switch
    {
        Precision.Exact => "exact",
        Precision.HundredMetres => "to 100 m",
        Precision.Kilometre => "to 1 km",
        Precision.TenKilometres => "to 10 km",
        _ => "none",
    };

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
