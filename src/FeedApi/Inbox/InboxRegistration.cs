namespace ActivityHub.FeedApi.Inbox;

/// <summary>The way back to the phone, as far as the phone asks for it.</summary>
internal static class InboxRegistration
{
    public static void AddInbox(this IServiceCollection services)
    {
        services.AddSingleton<InboxAccess>().AddSingleton<InboxStreams>().AddSingleton<PushRequest>();
        services.AddSingleton<InboxNotifier>().AddHostedService(provider => provider.GetRequiredService<InboxNotifier>());
    }
}
