using System.CommandLine;
using AiDc.Trainer.Data;
using AiDc.Trainer.Hosting;

namespace AiDc.Trainer.Cli;

/// <summary><c>aidc-trainer make-data digits</c>: data for a machine that has none.</summary>
internal sealed class MakeDataCommand
{
    private readonly Option<string> _output = Options.Required<string>("--output", "Folder for the files.");
    private readonly Option<int> _train = Options.Value("--train", "Images to train on.", 60_000);
    private readonly Option<int> _test = Options.Value("--test", "Images to test on.", 10_000);
    private readonly Option<long> _seed = Options.Value("--seed", "Equal seeds draw equal images.", 0L);

    public Command Build(CommandContext context)
    {
        var digits = new Command("digits", "Draws handwritten-looking digits into IDX files with MNIST's names.") { _output, _train, _test, _seed };
        digits.SetAction(parsed => Failures.Report(new TerminalLog(context.Error, context.Error, Options.TerminalWidth(context)), () => Run(parsed, context)));
        return new Command("make-data", "Makes data to train on.") { digits };
    }

    private void Run(ParseResult parsed, CommandContext context)
    {
        using var stop = StopSignal.OfProcess();
        var (output, train, test) = (parsed.GetValue(_output)!, parsed.GetValue(_train), parsed.GetValue(_test));
        try
        {
            DigitGenerator.Write(output, train, test, unchecked((ulong)parsed.GetValue(_seed)), progress: null, stop.Token);
        }
        catch (OperationCanceledException) when (stop.Requested)
        {
            throw new StoppedException(stop.ExitCode);
        }

        context.Out.WriteLine($"{train} digits to train on and {test} to test on are in {output}");
    }
}
