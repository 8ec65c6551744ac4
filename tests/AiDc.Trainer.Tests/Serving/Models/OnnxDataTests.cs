using System.Diagnostics;
using System.Runtime.InteropServices;
using AiDc.Trainer.Serving.Models;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using ModelMetadata = AiDc.Trainer.Serving.Models.ModelMetadata;

namespace AiDc.Trainer.Tests.Serving.Models;

/// <summary>
/// Every model of Debian's libonnx-testdata, ONNX's own tests of its operators: what ONNX Runtime loads is served, described right, and
/// answers as is written next to it; the rest is refused with the reason.
/// </summary>
internal sealed class OnnxDataTests : ServedModelFixture
{
    private static readonly string[] Random = ["test_bernoulli", "test_training_dropout"];

    /// <summary>What ONNX Runtime itself answers in another way than is written next to these: then with it, bit by bit.</summary>
    private static readonly string[] Deviations =
    [
        "test_cast_FLOAT_to_STRING", "test_castlike_FLOAT_to_STRING", "test_dft", "test_stft", "test_maxunpool_export_with_output_shape",
        "test_resize_downsample_scales_cubic_align_corners", "test_resize_downsample_scales_linear_align_corners",
    ];

    /// <summary>The values next to these are not of the shape that their file declares.</summary>
    private static readonly string[] Contradictions = ["test_castlike_BFLOAT16_to_FLOAT", "test_castlike_FLOAT_to_BFLOAT16"];

    private static readonly string[] Refusals = ["is no tensor", "which requests cannot carry", "locale"];

    [Test]
    public void What_ONNX_Runtime_loads_is_served_described_and_answers_as_it_should()
    {
        var folder = Fetch();
        var (faults, tally) = (new List<string>(), new SortedDictionary<string, int>());
        foreach (var model in Directory.EnumerateFiles(folder, "model.onnx", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var name = Path.GetRelativePath(folder, Path.GetDirectoryName(model)!);
            string outcome;
            try
            {
                outcome = Try(model);
            }
            catch (FaultException fault)
            {
                faults.Add($"{name}: {fault.Message}");
                outcome = "wrong";
            }

            tally[outcome] = tally.GetValueOrDefault(outcome) + 1;
        }

        TestContext.Out.WriteLine(string.Join(", ", tally.Select(t => $"{t.Value} {t.Key}")));
        Assert.That(faults, Is.Empty, $"{string.Join(", ", tally.Select(t => $"{t.Value} {t.Key}"))}\n{string.Join('\n', faults)}");
        Assert.That(tally["answered"], Is.GreaterThan(700));
    }

    private string Try(string file)
    {
        if (!LoadsIntoRuntime(file)) return "not loaded by ONNX Runtime";
        IServedModel model;
        try
        {
            model = Load(file, ModelFormat.Onnx);
        }
        catch (InvalidFileException refused) when (Refusals.Any(r => refused.Message.Contains(r, StringComparison.Ordinal)))
        {
            return "refused with the reason";
        }
        catch (TrainerException error)
        {
            throw new FaultException(error.Message);
        }

        using (model)
        {
            if (Has(file, Contradictions)) return "with values of other shapes than the file declares";
            var answered = false;
            foreach (var set in Directory.EnumerateDirectories(Path.GetDirectoryName(file)!, "test_data_set_*"))
            {
                if (Values(set, "input", model.Metadata.Inputs) is not { } inputs || Values(set, "output", model.Metadata.Outputs) is not { } expected) continue;
                Compare(file, model.Metadata, inputs, Answer(model, inputs), expected);
                answered = true;
            }

            return answered ? "answered" : "without values that requests can carry";
        }
    }

    private static IReadOnlyList<TensorValue> Answer(IServedModel model, IReadOnlyList<TensorValue> inputs)
    {
        try
        {
            model.Check(inputs);
            return model.Run(inputs);
        }
        catch (Exception error) when (error is ModelInputException or ModelFailureException)
        {
            throw new FaultException(error.Message);
        }
    }

    private static void Compare(string file, ModelMetadata model, IReadOnlyList<TensorValue> inputs, IReadOnlyList<TensorValue> outputs, TensorValue[] expected)
    {
        for (var i = 0; i < expected.Length; i++)
        {
            var (output, right, declared) = (outputs[i], expected[i], model.Outputs[i]);
            if (output.Datatype != right.Datatype || declared.Datatype != right.Datatype) throw new FaultException($"{output.Name} is of {output.Datatype} and described as {declared.Datatype}, {right.Datatype} is right");
            if (!output.Shape.SequenceEqual(right.Shape)) throw new FaultException($"{output.Name} has the shape [{string.Join(',', output.Shape)}], [{string.Join(',', right.Shape)}] is right");
            if (declared.Shape.Count > 0 && (declared.Shape.Count != right.Shape.Length || declared.Shape.Zip(right.Shape).Any(d => d.First >= 0 && d.First != d.Second)))
                throw new FaultException($"{output.Name} has the shape [{string.Join(',', output.Shape)}] and is described as [{string.Join(',', declared.Shape)}]");
            if (Has(file, Random)) continue;
            if (Has(file, Deviations) ? !output.Data.Span.SequenceEqual(Runtime(file, inputs, i)) : output.Datatype == Datatype.Bytes ? !output.Data.Span.SequenceEqual(right.Data.Span) : !AreClose(output, right))
                throw new FaultException($"{output.Name} has other values");
        }
    }

    private static bool AreClose(TensorValue output, TensorValue right)
    {
        var tolerance = right.Datatype is Datatype.Fp16 or Datatype.Bf16 ? 1e-2 : 1e-3;
        return OnnxTensorFile.Doubles(output).Zip(OnnxTensorFile.Doubles(right)).All(p =>
            p.First.Equals(p.Second) || Math.Abs(p.First - p.Second) <= (tolerance * Math.Abs(p.Second)) + (tolerance / 100) || (double.IsNaN(p.First) && double.IsNaN(p.Second)));
    }

    /// <returns>Null where one is none that requests can carry, or is left out.</returns>
    private static TensorValue[]? Values(string set, string kind, IReadOnlyList<TensorMetadata> declared)
    {
        var values = new TensorValue[declared.Count];
        for (var i = 0; i < values.Length; i++)
        {
            var file = Path.Combine(set, $"{kind}_{i}.pb");
            if (!File.Exists(file) || OnnxTensorFile.Read(file, declared[i].Name) is not { } value) return null;
            // The bits of bfloat16, for which ONNX 1.12 had no type in its data.
            values[i] = value.Datatype == Datatype.UInt16 && declared[i].Datatype == Datatype.Bf16 ? value with { Datatype = Datatype.Bf16 } : value;
        }

        return values;
    }

    private static bool Has(string file, string[] names) => names.Any(n => file.Contains(n, StringComparison.Ordinal));

    /// <summary>What ONNX Runtime answers without the server's code.</summary>
    private static byte[] Runtime(string file, IReadOnlyList<TensorValue> inputs, int output)
    {
        using var session = new InferenceSession(file);
        using var run = new RunOptions();
        var values = inputs.Select(i => i.Datatype switch
        {
            Datatype.Fp32 => OrtValue.CreateTensorValueFromMemory(i.Floats(), i.Shape),
            Datatype.Bytes => OrtValue.CreateFromStringTensor(new DenseTensor<string>(i.Strings(), [.. i.Shape.Select(s => (int)s)])),
            _ => OrtValue.CreateTensorValueFromMemory(MemoryMarshal.Cast<byte, long>(i.Data.Span).ToArray(), i.Shape),
        }).ToArray();
        using var results = session.Run(run, session.InputNames, values, session.OutputNames);
        foreach (var value in values) value.Dispose();
        var info = results[output].GetTensorTypeAndShape();
        return info.ElementDataType == TensorElementType.String
            ? StringTensor.Create("", info.Shape, results[output].GetStringTensorAsArray()).Data.ToArray()
            : MemoryMarshal.AsBytes(results[output].GetTensorDataAsSpan<float>()).ToArray();
    }

    private static bool LoadsIntoRuntime(string file)
    {
        try
        {
            using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
            using var session = new InferenceSession(file, options);
            return true;
        }
        catch (OnnxRuntimeException)
        {
            return false;
        }
    }

    private static string Fetch()
    {
        var root = TestContext.CurrentContext.TestDirectory;
        while (!File.Exists(Path.Combine(root, "hack", "onnx-testdata.sh"))) root = Path.GetDirectoryName(root) ?? throw new DirectoryNotFoundException("hack/onnx-testdata.sh");
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(root, "hack", "onnx-testdata.sh")) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var folder = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        if (process.ExitCode != 0) Assert.Ignore($"ONNX's own models were not tried: {errors.GetAwaiter().GetResult().Trim()}");
        return folder;
    }

    private sealed class FaultException(string message) : Exception(message);
}
