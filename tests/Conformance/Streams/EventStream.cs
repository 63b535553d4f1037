using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Shouldly;
using static ActivityHub.Conformance.Http;

namespace ActivityHub.Conformance.Streams;

/// <summary>A reader that follows a feed by Server-Sent Events, as a browser's EventSource would.</summary>
internal sealed class EventStream : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly HttpResponseMessage _response;
    private readonly SseParser<string> _parser;
    private readonly IAsyncEnumerator<SseItem<string>> _items;

    private EventStream(HttpResponseMessage response, Stream body)
    {
        this._response = response;
        _parser = SseParser.Create(body);
        _items = _parser.EnumerateAsync(Cancel).GetAsyncEnumerator(Cancel);
    }

    /// <summary>The <c>Last-Event-ID</c> that a browser would send when it reconnects.</summary>
    public string LastEventId => _parser.LastEventId;

    /// <summary>Opens the stream; once the answer's headers arrive, the feed is followed.</summary>
    public static async Task<EventStream> OpenAsync(HttpClient http, string url, string? lastEventId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.TryAddWithoutValidation("Accept", "text/event-stream");
        if (lastEventId is not null)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        }

        var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        return new EventStream(response, await response.Content.ReadAsStreamAsync(Cancel));
    }

    public HttpResponseMessage Head => _response;

    /// <summary>Returns the next update: the position of the event, and its content.</summary>
    public Task<(string? Id, JsonElement Native)> NextAsync() => NextOfAsync("update");

    /// <summary>Returns the next event, which must have the given name.</summary>
    public async Task<(string? Id, JsonElement Native)> NextOfAsync(string name)
    {
        (await _items.MoveNextAsync().AsTask().WaitAsync(Patience, TimeProvider.System, Cancel)).ShouldBeTrue("the stream ended");
        _items.Current.EventType.ShouldBe(name);
        return (_items.Current.EventId, JsonElement.Parse(_items.Current.Data));
    }

    /// <summary>Returns the phone's ids of the next updates.</summary>
    public async Task<IReadOnlyList<string?>> NextAsync(int count)
    {
        var ids = new List<string?>();
        while (ids.Count < count)
        {
            ids.Add((await NextAsync()).Native.GetProperty("id").GetString());
        }

        return ids;
    }

    /// <summary>Waits for the end; an event, or no end within the time, is a failure.</summary>
    public async Task EndsWithinAsync(TimeSpan deadline)
    {
        try
        {
            (await _items.MoveNextAsync().AsTask().WaitAsync(deadline, TimeProvider.System, Cancel))
                .ShouldBeFalse("an event instead of the end");
        }
        catch (Exception cut) when (cut is IOException or HttpRequestException)
        {
            // An abort is an end too.
        }
    }

    public ValueTask DisposeAsync()
    {
        _response.Dispose();
        return ValueTask.CompletedTask;
    }
}
