using System.CommandLine;
using AiDc.Trainer.Data;
using AiDc.Trainer.Evaluation;
using AiDc.Trainer.Hosting;
using AiDc.Trainer.Models;
using AiDc.Trainer.Storage;

namespace AiDc.Trainer.Cli;

/// <summary><c>aidc-trainer evaluate</c>: how good a bundle is on a data set.</summary>
internal sealed class EvaluateCommand
{
    private readonly Option<string> _model = Options.Required<string>("--model", "Folder of the bundle, or s3://bucket/prefix: model.json and model.safetensors.");
    private readonly Option<string> _data = Options.Required<string>("--data", "Folder (or .tar) with the data, or s3://bucket/prefix; its test split is used, or all of it where there is none.");
    private readonly Option<DataFormat> _format = Options.Enumeration("--format", "How the data lies on disk.", DataFormat.Idx);
    private readonly Option<string?> _json = Options.Optional<string?>("--json", "Writes the figures as JSON to this file; - writes JSON instead of the table.");
    private readonly Option<int> _threads = Options.Value("--threads", "Threads of one operation; the processors that this process may use unless given.", Environment.ProcessorCount);

    public Command Build(CommandContext context)
    {
        var command = new Command("evaluate", "Prints accuracy, precision, recall and F1 per class, and the confusion matrix of a model.") { _model, _data, _format, _json, _threads };
        command.SetAction(parsed => Failures.Report(new TerminalLog(context.Error, context.Error, Options.TerminalWidth(context)), () => Run(parsed, context)));
        return command;
    }

    private void Run(ParseResult parsed, CommandContext context)
    {
        var threads = parsed.GetValue(_threads);
        if (threads < 1) throw new ConfigurationException($"--threads {threads}: use at least 1");
        TorchRuntime.Configure(threads);
        using var stop = StopSignal.OfProcess();
        try
        {
            Print(Evaluate(parsed, context, stop.Token), parsed.GetValue(_json), context);
        }
        catch (OperationCanceledException) when (stop.Requested)
        {
            throw new StoppedException(stop.ExitCode);
        }
    }

    private EvaluationResult Evaluate(ParseResult parsed, CommandContext context, CancellationToken cancellation)
    {
        var folder = parsed.GetValue(_model)!;
        var path = parsed.GetValue(_data)!;
        using var storage = new StorageFolders(context.Environment);
        var bundle = ModelBundle.Read(storage.Open(folder));
        var spec = bundle.Manifest.Architecture;
        var reading = new ImageReadOptions { ImageSize = spec.Height == spec.Width ? spec.Height : null, Channels = spec.Channels, Splits = Splits.ToTest };
        var scratch = Path.Combine(Path.GetTempPath(), $"aidc-data-{context.NewUid()}");
        using var files = DataDownload.Fetch(path, storage, scratch, progress: null, cancellation);
        var images = ImageDataReader.Read(files.Path, parsed.GetValue(_format), reading, progress: null, cancellation);
        var data = images.Test ?? images.Train;
        foreach (var note in images.Notes) context.Error.WriteLine(note);
        Check(bundle.Manifest, data, path);
        using var model = BundledModel.Load(bundle, folder, TorchRuntime.BestDevice());
        using var loader = new BatchLoader(data, null, 256, bundle.Manifest.Normalization, 0, shuffle: false);
        return Evaluator.Run(model, loader, bundle.Manifest.Classes, TorchRuntime.BestDevice(), cancellation);
    }

    private static void Check(ModelManifest manifest, ImageDataset data, string path)
    {
        var spec = manifest.Architecture;
        if (data.Count == 0) throw new DataException(path, "there is no sample to evaluate on", "Use other data");
        if ((data.Channels, data.Height, data.Width) != (spec.Channels, spec.Height, spec.Width))
        {
            throw new DataException(
                path, $"its images are {data.Channels}x{data.Height}x{data.Width}, but the model takes {spec.Channels}x{spec.Height}x{spec.Width}", "Use data like that of the training");
        }

        if (!data.Classes.SequenceEqual(manifest.Classes))
        {
            throw new DataException(
                path, $"its classes ({string.Join(", ", data.Classes)}) are not those of the model ({string.Join(", ", manifest.Classes)})", "Use data with the same classes");
        }
    }

    private static void Print(EvaluationResult result, string? json, CommandContext context)
    {
        if (json == "-")
        {
            context.Out.WriteLine(EvaluationReport.Json(result));
            return;
        }

        context.Out.Write(EvaluationReport.Table(result));
        if (json is null) return;
        var folder = Path.GetDirectoryName(Path.GetFullPath(json))!;
        DurableFiles.CreateDirectory(folder);
        using var text = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(EvaluationReport.Json(result) + "\n"));
        DurableFiles.Replace(json, $".{Path.GetFileName(json)}.{context.NewUid()}", text.CopyTo);
    }
}
