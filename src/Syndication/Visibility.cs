using System.Diagnostics.CodeAnalysis;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.Syndication;

/// <summary>
/// What a view says of one update: shown (as <see cref="Update"/>), hidden for good, or not before <see cref="ShowsAt"/>. The default
/// value is hidden.
/// </summary>
public readonly record struct Visibility
{
    private Visibility(FeedUpdate? update, DateTimeOffset? showsAt)
    {
        Update = update;
        ShowsAt = showsAt;
    }

    /// <summary>The reader never sees it: a cursor passes it.</summary>
    public static Visibility Hidden => default;

    [MemberNotNullWhen(true, nameof(Update))]
    public bool IsShown => Update is not null;

    public bool IsHidden => Update is null && ShowsAt is null;

    /// <summary>The update as the reader may see it; null unless shown.</summary>
    public FeedUpdate? Update { get; }

    /// <summary>When it will show: a cursor waits before it. Null unless it is to come.</summary>
    public DateTimeOffset? ShowsAt { get; }

    public static Visibility Shown(FeedUpdate update) => new(update, null);

    public static Visibility NotBefore(DateTimeOffset at) => new(null, at);
}
