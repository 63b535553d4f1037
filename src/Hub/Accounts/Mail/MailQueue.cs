using System.Threading.Channels;

namespace ActivityHub.Hub.Accounts.Mail;

/// <summary>
/// Sends mails one after the other, outside of the requests that cause them. In memory and bounded: a mail that is lost, or finds no room,
/// can be requested again.
/// </summary>
internal sealed partial class MailQueue(IMailer mailer, TimeProvider time, ILogger<MailQueue> logger) : BackgroundService
{
    private const int MaxWaiting = 1000;
    private const int MaxTries = 3;
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(10);

    private readonly Channel<Mail> _mails = Channel.CreateBounded<Mail>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });

    /// <summary>False where there is no room.</summary>
    public bool TryAdd(Mail mail) => _mails.Writer.TryWrite(mail);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var mail in _mails.Reader.ReadAllAsync(stoppingToken))
        {
            await SendAsync(mail, stoppingToken);
        }
    }

    private async Task SendAsync(Mail mail, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await mailer.SendAsync(mail, cancellationToken);
                return;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                // Without the exception's stack and text: a server's answer may repeat the address.
                Log.NotSent(logger, attempt, exception.GetType().Name);
                if (attempt == MaxTries)
                {
                    return;
                }
            }

            await Task.Delay(BetweenTries, time, cancellationToken);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "A mail could not be handed to the server that Mail:Host names (try {Attempt}): {Error}")]
        public static partial void NotSent(ILogger logger, int attempt, string error);
    }
}
