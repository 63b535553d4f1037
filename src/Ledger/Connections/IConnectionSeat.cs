namespace ActivityHub.Ledger.Connections;

/// <summary>One of the connections that the process may hold; free again when it is disposed of.</summary>
public interface IConnectionSeat : IDisposable;
