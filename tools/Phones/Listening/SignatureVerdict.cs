namespace ActivityHub.Phones.Listening;

internal enum SignatureVerdict
{
    NotAsked,
    Right,
    Missing,
    Wrong,
}
