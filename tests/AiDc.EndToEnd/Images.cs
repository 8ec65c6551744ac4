namespace AiDc.EndToEnd;

internal static class Images
{
    /// <summary>Debian with bash, perl and curl: stands for any image that knows nothing of AiDc.</summary>
    public const string Tools = "localhost/aidc-tools:dev";

    /// <summary>The number of a job's first attempt.</summary>
    public const string FirstAttempt = "1";
}
