namespace AiDc.Gateway.Admission;

/// <summary>A client's key, of which only the SHA-256 sum is kept: what is in memory does not open the door.</summary>
internal readonly record struct ApiKey(string Client, byte[] Sum);
