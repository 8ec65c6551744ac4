namespace AiDc.Benchmarks.Failover;

/// <summary>Lines of YAML inside other lines of YAML.</summary>
internal static class Indent
{
    public static string By(int spaces, string lines) =>
        string.Join('\n', lines.Split('\n').Select(line => new string(' ', spaces) + line));
}
