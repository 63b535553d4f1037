using System.Security.Cryptography;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Storage;
using ActivityHub.TestKit;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace ActivityHub.Ledger.Tests.Access;

public class KeyFileTests
{
    [Theory, BothDatabases]
    public async Task Without_a_key_file_what_was_sealed_opens_after_a_restart(Database database)
    {
        await using var store = await LedgerStore.CreateAsync(database);
        var sealedText = await SealAsync(store, null);

        await using var next = await LedgerHost.StartAsync(store);

        next.Get<SecretBox>().TryOpen(sealedText).ShouldBe("hush");
        sealedText[^1] ^= 1;
        next.Get<SecretBox>().TryOpen(sealedText).ShouldBeNull();
    }

    [Theory, BothDatabases]
    public async Task With_a_key_file_the_database_alone_opens_nothing_and_the_file_opens_it_again(Database database)
    {
        await using var store = await LedgerStore.CreateAsync(database);
        using var keys = new TempFolder();
        var file = NewFile(keys);
        var sealedText = await SealAsync(store, file);

        await using (var next = await LedgerHost.StartAsync(store, null, ("Hub:KeyFile", file)))
        {
            next.Get<SecretBox>().TryOpen(sealedText).ShouldBe("hush");
            var ring = await RingAsync(next);
            ring.ShouldNotBeEmpty();
            ring.ShouldAllBe(key => key.Contains("<wrapped") && !key.Contains("masterKey") && !key.Contains("<value>"));
        }

        foreach (var wrong in new[] { null, NewFile(keys) })
        {
            var refusal = await Should.ThrowAsync<LedgerUnavailableException>(
                () => LedgerHost.StartAsync(store, null, ("Hub:KeyFile", wrong)));
            refusal.Message.ShouldContain("Hub:KeyFile");
        }

        // The refused starts must not have stored a key of their own, especially not an unencrypted one.
        await using var last = await LedgerHost.StartAsync(store, null, ("Hub:KeyFile", file));
        last.Get<SecretBox>().TryOpen(sealedText).ShouldBe("hush");
        (await RingAsync(last)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_key_file_that_is_missing_or_short_is_named_with_the_command_that_makes_one()
    {
        await using var store = await LedgerStore.CreateAsync(Database.Sqlite);
        var path = Path.Combine(store.DataDirectory, "keys");

        (await Should.ThrowAsync<LedgerUnavailableException>(
            () => LedgerHost.StartAsync(store, null, ("Hub:KeyFile", path)))).Message.ShouldContain(path);
        await File.WriteAllBytesAsync(path, new byte[31], LedgerHost.Token);
        (await Should.ThrowAsync<LedgerUnavailableException>(
            () => LedgerHost.StartAsync(store, null, ("Hub:KeyFile", path)))).Message.ShouldContain("openssl rand");
    }

    private static string NewFile(TempFolder folder)
    {
        var path = Path.Combine(folder.Path, Guid.NewGuid().ToString("N"));
        File.WriteAllBytes(path, RandomNumberGenerator.GetBytes(32));
        return path;
    }

    private static async Task<byte[]> SealAsync(LedgerStore store, string? file)
    {
        await using var host = await LedgerHost.StartAsync(store, null, ("Hub:KeyFile", file));
        return host.Get<SecretBox>().Seal("hush");
    }

    private static async Task<List<string>> RingAsync(LedgerHost host)
    {
        await using var context = host.Context();
        return await context.DataProtectionKeys.Select(key => key.Xml!).ToListAsync(LedgerHost.Token);
    }
}
