namespace ActivityHub.Phones.Tests.Stubs;

internal sealed record StubSubscription(string Feed, string Format, string Topic, string Callback, string? Secret);
