using Microsoft.AspNetCore.Http.HttpResults;

namespace ActivityHub.Hub.Api.Subscriptions;

/// <summary>Answers of the hub's own address: WebSub §5.1.2 asks for a reason in plain text.</summary>
internal static class PlainText
{
    private const string Type = "text/plain; charset=utf-8";

    public static ContentHttpResult Refuse(int status, params IEnumerable<string> reasons) =>
        TypedResults.Text(string.Join('\n', reasons) + "\n", Type, statusCode: status);

    public static ContentHttpResult Accepted() => TypedResults.Text("", Type, statusCode: StatusCodes.Status202Accepted);
}
