using System.CommandLine;
using AiDc.Api;

namespace AiDc.Trainer.Cli;

/// <summary>All commands of the program.</summary>
public static class CommandLine
{
    /// <returns>The exit code of the process.</returns>
    public static int Run(IReadOnlyList<string> arguments, CommandContext context)
    {
        var root = new RootCommand("Trains, evaluates and serves models with TorchSharp.") 
        {
            new TrainCommand().Build(context),
            new EvaluateCommand().Build(context),
            new ServeCommand().Build(context),
            new MakeDataCommand().Build(context),
            new VerifyLedgerCommand().Build(context),
        };
        var parsed = root.Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            // Its own way of reporting ends with code 1, which would be retried.
            foreach (var error in parsed.Errors) context.Error.WriteLine($"error: {error.Message}");
            context.Error.WriteLine($"See: aidc-trainer {(parsed.CommandResult.Command == root ? "" : parsed.CommandResult.Command.Name + " ")}--help");
            return ExitCodes.Configuration;
        }

        var configuration = new InvocationConfiguration
        {
            Output = context.Out,
            Error = context.Error,
            EnableDefaultExceptionHandler = false,
            // Signals are ours: they end with a checkpoint.
            ProcessTerminationTimeout = null,
        };
        return parsed.Invoke(configuration);
    }
}
