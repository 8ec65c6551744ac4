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
            model.FindOutputs(place);
            return model;
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

    private void FindOutputs(string place)
    {
        if (TrialRun.Of(Metadata.Inputs, Run, out var failure) is { } found)
            Metadata = Metadata with { Outputs = found.Outputs, Batches = Metadata.Batches && found.Batches };
        else if (TrialRun.IsCertain(Metadata.Inputs))
            throw new InvalidFileException(place, $"it fails on inputs of zeros in the shapes that it declares: {failure!.Message}. Export it again and try it with onnxruntime in Python", failure);
    }

    private static TensorMetadata Describe(string name, string what, NodeMetadata node, string place)
    {
        if (!node.IsTensor)
            throw new InvalidFileException(place, $"{what} {name} is no tensor ({node.OnnxValueType}). Export it with tensors only; scikit-learn's converter needs options={{'zipmap': False}}");
        var type = node.IsString ? Datatype.Bytes : OnnxTensors.Find(node.ElementDataType);
        return new(
            name,
            type ?? throw new InvalidFileException(place, $"{what} {name} is of {node.ElementDataType}, which requests cannot carry. Put a Cast to a common type before or after it"),
            [.. node.Dimensions.Select(size => size > 0 ? (long)size : -1)]);
    }

    private static string FirstLine(OnnxRuntimeException error) => error.Message.Split('\n', 2)[0].Trim().TrimEnd('.');
}
