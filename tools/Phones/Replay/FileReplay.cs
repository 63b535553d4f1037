using ActivityHub.Phones.Http;
using ActivityHub.Phones.Reporting;

namespace ActivityHub.Phones.Replay;

/// <summary>Sends one file to one device: in the file's order, with one request at a time, and none after a loss.</summary>
internal sealed class FileReplay(UpdateFile file, FeedWriter writer, int batchSize, ReplaySpeed speed, Tally tally, TimeProvider time)
{
    private readonly List<OutgoingUpdate> _batch = [];
    private int _bytes;
    private bool _stopped;

    /// <param name="origin">The earliest time of all files; due times are relative to it.</param>
    /// <param name="began">The start of the run, as a timestamp of the time provider.</param>
    public async Task RunAsync(DateTimeOffset origin, long began, CancellationToken stop, CancellationToken finish)
    {
        foreach (var line in file.Read())
        {
            if (_stopped || stop.IsCancellationRequested)
            {
                tally.LeaveUnsent(1);
                continue;
            }

            if (line.Update is not { } update)
            {
                tally.LeaveUnsent(1, line.Fault);
                continue;
            }

            // Phones buffer, so times sometimes step back; such a line is due at once.
            var early = speed.Due((line.At ?? origin) - origin) - time.GetElapsedTime(began);
            if (early > TimeSpan.Zero)
            {
                await SendAsync(finish);
                await WaitAsync(early, stop);
            }

            if (_batch.Count >= batchSize || (_batch.Count > 0 && _bytes + update.Json.Length + 1 > FeedWriter.LargestBody))
            {
                await SendAsync(finish);
            }

            _batch.Add(update);
            _bytes += update.Json.Length + 1;
        }

        await SendAsync(finish);
    }

    private async Task SendAsync(CancellationToken finish)
    {
        if (_batch.Count == 0)
        {
            return;
        }

        var sent = _batch.ToArray();
        _batch.Clear();
        _bytes = 0;
        if (_stopped)
        {
            tally.LeaveUnsent(sent.Length);
            return;
        }

        try
        {
            var outcome = await writer.WriteAsync(sent, finish);
            tally.Add(sent.Length, outcome);
            _stopped = !outcome.MayGoOn;
        }
        catch (OperationCanceledException) when (finish.IsCancellationRequested)
        {
            tally.Add(sent.Length, WriteOutcome.Lost(sent.Length, $"{sent[0].Source}: stopped while the hub had not answered"));
            _stopped = true;
        }
    }

    // After a stop, the remaining updates are still counted as unsent.
    private async Task WaitAsync(TimeSpan early, CancellationToken stop)
    {
        try
        {
            await Task.Delay(early, time, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            _stopped = true;
        }
    }
}
