using System.Diagnostics;
using System.Globalization;

namespace AiDc.Trainer.Cli;

/// <summary>How the first process of a pod starts the others: the same program with the same options.</summary>
internal static class LocalCommand
{
    /// <param name="tokens">Of this process's command line.</param>
    /// <param name="threads">For each of the pod's processes.</param>
    public static IReadOnlyList<string> Arguments(IReadOnlyList<string> tokens, int threads)
    {
        var at = tokens.ToList().IndexOf("--threads");
        var rest = at < 0 ? tokens : [.. tokens.Take(at), .. tokens.Skip(at + 2)];
        return [.. rest, "--threads", threads.ToString(CultureInfo.InvariantCulture)];
    }

    /// <param name="gpus">Whether each has a GPU of its own.</param>
    public static ProcessStartInfo Of(IReadOnlyList<string> arguments, string option, int localRank, bool gpus)
    {
        var rank = localRank.ToString(CultureInfo.InvariantCulture);
        var program = Environment.ProcessPath!;
        // As `dotnet aidc-trainer.dll` the process is the runtime, and the program is its first argument.
        string[] runtime = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [Environment.GetCommandLineArgs()[0]] : [];
        var start = new ProcessStartInfo(program, [.. runtime, .. arguments, option, rank]);
        start.Environment["LOCAL_RANK"] = rank;
        if (gpus) start.Environment["CUDA_VISIBLE_DEVICES"] = Gpu(localRank);
        return start;
    }

    /// <summary>The one of those that the pod may use; the first process takes the first.</summary>
    private static string Gpu(int localRank)
    {
        var visible = Environment.GetEnvironmentVariable("CUDA_VISIBLE_DEVICES")?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
        return localRank < visible.Length ? visible[localRank] : localRank.ToString(CultureInfo.InvariantCulture);
    }
}
