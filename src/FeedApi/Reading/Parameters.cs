namespace ActivityHub.FeedApi.Reading;

/// <summary>The query parameters of reading; each route knows some of them and refuses the others.</summary>
[Flags]
internal enum Parameters
{
    None = 0,
    Key = 1,
    Kind = 2,
    Limit = 4,
    Before = 8,
    After = 16,
    Callback = 32,
    Grant = 64,
    LastEventId = 128,
    OfDocument = Key | Kind | Limit | Before | After | Grant,
    OfUpdate = Key | Grant,
    OfStream = Key | Kind | After | LastEventId,
}
