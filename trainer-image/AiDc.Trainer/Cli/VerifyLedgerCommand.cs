using System.CommandLine;
using System.Text.Json;
using AiDc.Trainer.Distributed.Ledger;

namespace AiDc.Trainer.Cli;

/// <summary><c>aidc-trainer verify-ledger</c>: whether each epoch used each image exactly once.</summary>
internal sealed class VerifyLedgerCommand
{
    private readonly Option<string> _ledger = Options.Required<string>("--ledger", "Folder that --ledger of train named.");
    private readonly Option<int> _samples = Options.Required<int>("--samples", "Images of an epoch: those trained on, without the ones held back to validate.");
    private readonly Option<int?> _epochs = Options.Optional<int?>("--epochs", "How many complete epochs there must be; otherwise the last one may be incomplete.");

    public Command Build(CommandContext context)
    {
        var command = new Command("verify-ledger", "Checks that over the history that survived each epoch used each image exactly once.") { _ledger, _samples, _epochs };
        command.SetAction(parsed => Failures.Report(new TerminalLog(context.Error, context.Error, Options.TerminalWidth(context)), () => Run(parsed, context)));
        return command;
    }

    private void Run(ParseResult parsed, CommandContext context)
    {
        var (folder, samples, epochs) = (parsed.GetValue(_ledger)!, parsed.GetValue(_samples), parsed.GetValue(_epochs));
        if (samples < 1) throw new ConfigurationException($"--samples {samples}: use at least 1");
        if (epochs < 0) throw new ConfigurationException($"--epochs {epochs}: use at least 0");
        var verdict = LedgerCheck.Verify(epochs is null ? LedgerReader.ReadSettled(folder) : LedgerReader.Read(folder), samples, epochs);
        context.Out.WriteLine(JsonSerializer.Serialize(verdict, Json.Line));
        if (!verdict.Exact) throw new LedgerException($"{folder}: the ledger is not exact: {verdict.Problems[0]}");
    }
}
