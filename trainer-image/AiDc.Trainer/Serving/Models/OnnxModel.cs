using Microsoft.ML.OnnxRuntime;

namespace AiDc.Trainer.Serving.Models;

/// <summary>An ONNX model, computed by ONNX Runtime on the CPU.</summary>
internal sealed class OnnxModel : IServedModel
{
    private readonly InferenceSession _session;
    private readonly RunOptions _run = new();
    private readonly string[] _inputs;
    private readonly string[] _outputs;

    private OnnxModel(string name, InferenceSession session, string place)
    {
        _session = session;
        _inputs = [.. session.InputNames];
        _outputs = [.. session.OutputNames];
        var inputs = _inputs.Select(n => Describe(n, "input", session.InputMetadata[n], place)).ToArray();
        var outputs = _outputs.Select(n => Describe(n, "output", session.OutputMetadata[n], place)).ToArray();
        Metadata = new(name, ["1"], "onnxruntime_onnx", inputs, outputs) { Batches = inputs.Concat(outputs).All(t => t.Shape is [-1, ..]) };
    }

    public ModelMetadata Metadata { get; private set; }

    public InputPreprocessing? Images => null;

    /// <param name="file">On this machine.</param>
    /// <param name="place">Where it came from, for messages.</param>
    /// <exception cref="InvalidFileException">It cannot be loaded.</exception>
    public static OnnxModel Load(string name, string file, string place, int threads)
    {
        InferenceSession? session = null;
        try
        {
            using var options = new SessionOptions
            {
                IntraOpNumThreads = threads,
                InterOpNumThreads = 1,
                GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
                // What fails is an exception, which tells it once.
                LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            };
            // Threads that spin while they wait take the cores from those that answer requests.
            options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
            session = new(file, options);
            var model = new OnnxModel(name, session, place);
            model.FindOutputs();
            return model;
        }
        catch (OnnxRuntimeException error) when (error.Message.Contains("construct locale", StringComparison.OrdinalIgnoreCase))
        {
            session?.Dispose();
            throw new InvalidFileException(
                place, $"it handles text, and its locale is not on this machine ({FirstLine(error)}). Export it with the locale en_US.UTF-8, which the trainer's image has; or make the one that it names with localedef, in /usr/lib/locale or a folder that LOCPATH names", error);
        }
        catch (OnnxRuntimeException error)
        {
            session?.Dispose();
            throw new InvalidFileException(place, $"ONNX Runtime {OrtEnv.Instance().GetVersionString()} cannot load it: {FirstLine(error)}. Export it again, with operators and an opset that this version knows", error);
        }
        catch
        {
            session?.Dispose();
            throw;
        }
    }

    public void Check(IReadOnlyList<TensorValue> inputs) => InputRules.Check(Metadata, inputs);

    public IReadOnlyList<TensorValue> Run(IReadOnlyList<TensorValue> inputs)
    {
        var ordered = InputRules.Check(Metadata, inputs);
        var pins = new List<IDisposable>();
        var values = new List<OrtValue>();
        try
        {
            foreach (var input in ordered) values.Add(OnnxTensors.ToOnnx(input, pins));
            using var results = _session.Run(_run, _inputs, values, _outputs);
            return [.. _outputs.Zip(results, OnnxTensors.FromOnnx)];
        }
        catch (OnnxRuntimeException error)
        {
            throw new ModelFailureException(FirstLine(error), error);
        }
        finally
        {
            foreach (var value in values) value.Dispose();
            foreach (var pin in pins) pin.Dispose();
        }
    }

    public void Dispose()
    {
        _run.Dispose();
        _session.Dispose();
    }

    /// <summary>What the file declares stays, but for what is seen to be another way. A model that does not compute made-up values is computed request by request.</summary>
    private void FindOutputs()
    {
        var found = TrialRun.Of(Metadata.Inputs, Run, out _);
        Metadata = Metadata with { Batches = Metadata.Batches && (found?.Batches ?? HaveOneFirstDimension()) };
        if (found is null || found.Outputs.Count != Metadata.Outputs.Count) return;
        Metadata = Metadata with { Outputs = [.. Metadata.Outputs.Zip(found.Outputs, Merge)] };
    }

    /// <summary>Whether inputs and outputs call the first dimension by one name.</summary>
    private bool HaveOneFirstDimension()
    {
        var names = _session.InputMetadata.Values.Concat(_session.OutputMetadata.Values).Select(m => m.SymbolicDimensions is [var first, ..] ? first : "").Distinct().ToArray();
        return names is [{ Length: > 0 }];
    }

    private static TensorMetadata Merge(TensorMetadata declared, TensorMetadata seen)
    {
        // Nothing declared: unknown, or a single value.
        if (declared.Shape.Count == 0) return declared with { Shape = seen.Shape };
        if (seen.Shape.Count != declared.Shape.Count) return declared with { Shape = [] };
        return declared with { Shape = [.. declared.Shape.Zip(seen.Shape, (d, s) => s >= 0 && d != s ? -1 : d)] };
    }

    private static TensorMetadata Describe(string name, string what, NodeMetadata node, string place)
    {
        if (!node.IsTensor)
            throw new InvalidFileException(place, $"{what} {name} is no tensor ({node.OnnxValueType}). Export it with tensors only; scikit-learn's converter needs options={{'zipmap': False}}");
        var type = node.IsString ? Datatype.Bytes : OnnxTensors.Find(node.ElementDataType);
        return new(
            name,
            type ?? throw new InvalidFileException(place, $"{what} {name} is of {node.ElementDataType}, which requests cannot carry. Put a Cast to a common type before or after it"),
            [.. node.Dimensions.Select(size => size >= 0 ? (long)size : -1)]);
    }

    private static string FirstLine(OnnxRuntimeException error) => error.Message.Split('\n', 2)[0].Trim().TrimEnd('.');
}
