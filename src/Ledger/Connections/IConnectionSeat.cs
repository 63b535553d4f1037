namespace ActivityHub.Ledger.Connections;

/// <summary>The right to hold one connection. Disposing it releases the right.</summary>
public interface IConnectionSeat : IDisposable;
