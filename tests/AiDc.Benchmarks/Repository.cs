using System.Diagnostics;

namespace AiDc.Benchmarks;

internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>The trainer and this program itself, as built here, run by a runtime that can load TorchSharp.</summary>
    public static string Trainer { get; } = Path.Combine(Root, "hack", "trainer.sh");

    public static string Benchmarks { get; } = Path.Combine(Root, "hack", "benchmarks.sh");

    /// <returns>What the program printed; a program that fails is an exception with what it said.</returns>
    public static async Task<string> RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken ct)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var error = process.StandardError.ReadToEndAsync(ct);
        var output = await process.StandardOutput.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct);
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: exit {process.ExitCode}\n{await error}\n{output}");
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "AiDc.sln")))
                return folder.FullName;
        throw new InvalidOperationException("AiDc.sln is in no parent folder of this program");
    }
}
