using ActivityHub.Phones.CommandLine;
using Spectre.Console;

namespace ActivityHub.Phones.Reporting;

/// <summary>Shows the progress of a run: a bar on a terminal, otherwise a plain line every few seconds.</summary>
internal static class ProgressView
{
    private static readonly TimeSpan BarTick = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LineTick = TimeSpan.FromSeconds(5);

    /// <param name="total">The total number of updates; null if unknown.</param>
    public static async Task RunAsync(CommandContext context, string title, long? total, Tally tally, Func<Task> work)
    {
        if (!context.Console.Profile.Out.IsTerminal)
        {
            await TickAsync(context.Time, LineTick, work(), () => context.Say(Line(title, total, tally)));
            return;
        }

        await context
            .Console.Progress()
            .Columns(
                new TaskDescriptionColumn(),
                new ProgressBarColumn(),
                new PercentageColumn(),
                new ElapsedTimeColumn(),
                new SpinnerColumn()
            )
            .StartAsync(async progress =>
            {
                var bar = progress.AddTask(title, maxValue: Math.Max(total ?? 1, 1));
                bar.IsIndeterminate = total is null;
                await TickAsync(context.Time, BarTick, work(), Show);
                Show();

                void Show()
                {
                    if (total is not null)
                    {
                        bar.Value = tally.Sent + tally.Unsent;
                    }

                    bar.Description = Markup.Escape($"{title}: {tally.Sent} sent, {tally.Errors} errors");
                }
            });
    }

    private static string Line(string title, long? total, Tally tally) =>
        $"{title}: {tally.Sent}{(total is { } all ? $" of {all}" : "")} sent, "
        + $"{tally.Accepted} accepted, {tally.Duplicates} duplicates, {tally.Errors} errors";

    private static async Task TickAsync(TimeProvider time, TimeSpan every, Task work, Action show)
    {
        while (!work.IsCompleted)
        {
            using var woken = new CancellationTokenSource();
            await Task.WhenAny(work, Task.Delay(every, time, woken.Token));
            await woken.CancelAsync();
            if (!work.IsCompleted)
            {
                show();
            }
        }

        await work;
    }
}
