namespace AiDc.Trainer.Serving.Hosting;

/// <summary>What the server says of itself.</summary>
internal static class ServerIdentity
{
    public const string Name = "aidc";

    public static string Version { get; } = typeof(ServerIdentity).Assembly.GetName().Version!.ToString(3);

    /// <summary>As Triton and KServe call them.</summary>
    public static IReadOnlyList<string> Extensions { get; } = ["binary_tensor_data", "parameters"];
}
