namespace ActivityHub.Hub.Api.Accounts;

/// <summary>
/// How many exports are written at once: one of an account, two of the process. Each reads all that an account has as fast as it is taken,
/// and the phones wait behind it.
/// </summary>
internal sealed class ExportSeats
{
    private const int AtOnce = 2;

    private readonly Lock _lock = new();
    private readonly HashSet<long> _accounts = [];

    /// <summary>True, and the account's until it is given back.</summary>
    /// <param name="accountId">Whose export.</param>
    /// <param name="isOwn">Where there is none, whether the account itself has one.</param>
    public bool TryTake(long accountId, out bool isOwn)
    {
        lock (_lock)
        {
            isOwn = _accounts.Contains(accountId);
            return !isOwn && _accounts.Count < AtOnce && _accounts.Add(accountId);
        }
    }

    public void GiveBack(long accountId)
    {
        lock (_lock)
        {
            _accounts.Remove(accountId);
        }
    }
}
