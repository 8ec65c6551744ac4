using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace AiDc.Trainer.Serving.Models;

/// <summary>A TorchScript module. Its outputs are called <c>output0</c>, <c>output1</c>, … in the order that forward returns them.</summary>
internal sealed class ScriptedModel : IServedModel
{
    /// <summary>What libtorch says of arguments that are too many, of another type or of another size than the script takes, whatever their values.</summary>
    private static readonly string[] Mismatches =
        ["expected at most", "missing value for argument", "shapes cannot be multiplied", "same dtype", "expected scalar type", "must match the size of tensor", "size mismatch", "Given groups="];

    private readonly jit.ScriptModule _module;
    private readonly Device _device;

    private ScriptedModel(string name, jit.ScriptModule module, IReadOnlyList<TensorMetadata> inputs, Device device)
    {
        (_module, _device) = (module, device);
        Metadata = new(name, ["1"], "pytorch_torchscript", inputs, []) { Batches = inputs.All(i => i.Shape is [-1, ..]) };
    }

    public ModelMetadata Metadata { get; private set; }

    public InputPreprocessing? Images => null;

    /// <param name="file">On this machine.</param>
    /// <param name="place">Where it came from, for messages.</param>
    /// <param name="inputs">As declared.</param>
    /// <exception cref="TrainerException">It cannot be loaded, or does not take what is declared.</exception>
    public static ScriptedModel Load(string name, string file, string place, IReadOnlyList<TensorMetadata> inputs, Device device)
    {
        CheckDeclaration(inputs);
        ScriptFile.Check(file, place);
        var model = new ScriptedModel(name, Read(file, place, device), inputs, device);
        try
        {
            model.FindOutputs(place);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    public void Check(IReadOnlyList<TensorValue> inputs) => InputRules.Check(Metadata, inputs);

    public IReadOnlyList<TensorValue> Run(IReadOnlyList<TensorValue> inputs)
    {
        var ordered = InputRules.Check(Metadata, inputs);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        try
        {
            object[] arguments = [.. ordered.Select(i => TorchTensors.ToTorch(i, _device))];
            return [.. Tensors(_module.forward(arguments)).Select((t, i) => TorchTensors.FromTorch($"output{i}", t))];
        }
        catch (ExternalException error)
        {
            var reason = FirstLines(error);
            throw new ModelFailureException(reason, error, isCertain: Mismatches.Any(m => reason.Contains(m, StringComparison.OrdinalIgnoreCase)));
        }
        catch (Exception error) when (error is NotImplementedException or NotSupportedException or ArgumentOutOfRangeException or InvalidCastException)
        {
            // TorchSharp passes on tensors, and tuples and lists of them.
            throw new ModelFailureException("forward returns something else than tensors or a tuple or list of tensors. Wrap the model so that it returns those, and save it again", error, isCertain: true);
        }
    }

    public void Dispose() => _module.Dispose();

    private void FindOutputs(string place)
    {
        var trial = TrialRun.Of(Metadata.Inputs, Run, out var failure);
        if (trial is { } found) Metadata = Metadata with { Outputs = found.Outputs, Batches = found.Batches };
        else if (failure is { IsCertain: true } && (failure.InnerException is not ExternalException || Metadata.Inputs.All(i => i.Shape.Skip(1).All(size => size >= 0))))
            throw new ConfigurationException($"{place}: the model does not take the inputs that are declared ({string.Join(", ", Metadata.Inputs.Select(Show))}): {failure.Message}. Correct --input", failure);
    }

    private static jit.ScriptModule Read(string file, string place, Device device)
    {
        try
        {
            var module = jit.load(file, device.type, device.index);
            // As saved a module may be in training mode, in which dropout drops and batch norm learns.
            module.eval();
            return module;
        }
        catch (ExternalException error)
        {
            throw new InvalidFileException(place, $"libtorch {__version__} cannot load it: {FirstLines(error)}. Save it with torch.jit.save of the same or an older version, with no operators of libraries beside PyTorch", error);
        }
    }

    private static void CheckDeclaration(IReadOnlyList<TensorMetadata> inputs)
    {
        if (inputs.Count == 0) throw new ConfigurationException("--input is missing: a TorchScript file does not say what it takes. Declare each argument of forward in its order, such as --input image:FP32:-1,1,28,28");
        foreach (var input in inputs)
        {
            if (!TorchTensors.Has(input.Datatype))
                throw new ConfigurationException($"--input {Show(input)}: torch has no {input.Datatype.NameOf()}; use one of {string.Join(", ", TorchTensors.Names)}");
        }

        if (inputs.Select(i => i.Name).Distinct().Count() < inputs.Count) throw new ConfigurationException($"--input: two inputs have the same name ({string.Join(", ", inputs.Select(i => i.Name))}); give each its own");
    }

    private static IEnumerable<Tensor> Tensors(object value) => value switch
    {
        Tensor tensor => [tensor],
        Tensor[] tensors => tensors,
        ITuple tuple => Enumerable.Range(0, tuple.Length).SelectMany(i => Tensors(tuple[i]!)),
        object[] several => several.SelectMany(Tensors),
        _ => throw new NotSupportedException($"{value.GetType().Name} as a result"),
    };

    /// <summary>The reason, without the C++ stack; where TorchScript put the Python trace before it, the reason is its last line.</summary>
    private static string FirstLines(ExternalException error)
    {
        var lines = error.Message.Split('\n').TakeWhile(l => !l.StartsWith("Exception raised from", StringComparison.Ordinal)).Select(l => l.Trim()).Where(l => l.Length > 0).ToArray();
        return lines is [var first, .., var last] && first.Contains("TorchScript", StringComparison.Ordinal) ? last.TrimEnd('.') : lines.FirstOrDefault()?.TrimEnd('.') ?? "no reason given";
    }

    private static string Show(TensorMetadata input) => $"{input.Name}:{input.Datatype.NameOf()}:{string.Join(',', input.Shape)}";
}
