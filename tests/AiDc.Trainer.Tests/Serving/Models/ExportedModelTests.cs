using System.Diagnostics;
using AiDc.Trainer.Serving.Models;

namespace AiDc.Trainer.Tests.Serving.Models;

/// <summary>What examples/export_model.py makes of a bundle is the same model.</summary>
internal sealed class ExportedModelTests : ServedModelFixture
{
    [OneTimeSetUp]
    public void LookForTorch()
    {
        if (Python("-c", "import torch").ExitCode != 0) Assert.Ignore("no PyTorch on this machine: hack/setup.sh pytorch installs Debian's");
    }

    [TestCase(1)]
    [TestCase(3)]
    public void A_bundle_that_Python_exports_as_TorchScript_and_ONNX_gives_the_logits_of_the_bundle(int channels)
    {
        TestBundle.Write(Folder["bundle"], channels, side: 16);
        var exported = Python(Script, "--bundle", Folder["bundle"], "--torchscript", Folder["model.pt"], "--onnx", Folder["model.onnx"]);
        Assert.That(exported.ExitCode, Is.Zero, exported.Errors);
        using var bundle = Load(Folder["bundle"], ModelFormat.Aidc);
        using var script = Load(Folder["model.pt"], ModelFormat.TorchScript, new TensorMetadata("image", Datatype.Fp32, [-1, channels, 16, 16]));
        using var onnx = Load(Folder["model.onnx"], ModelFormat.Onnx);
        var random = new Random(5);
        var input = Tensors.Floats("image", [7, channels, 16, 16], [.. Enumerable.Range(0, 7 * channels * 256).Select(_ => (float)random.NextDouble())]);
        var expected = bundle.Run([input]).Named("logits");
        foreach (var output in new[] { script.Run([input]).Named("output0"), onnx.Run([input]).Named("logits") })
        {
            Assert.That(output.Shape, Is.EqualTo(expected.Shape));
            Assert.That(output.Floats(), Is.EqualTo(expected.Floats()).Within(1e-4f));
        }

        Assert.That(script.Metadata.Batches && onnx.Metadata.Batches, Is.True);
        Assert.That(expected.Floats().Distinct().Count(), Is.GreaterThan(10), "an output that is the same for all inputs shows nothing");
    }

    private static string Script
    {
        get
        {
            var folder = new DirectoryInfo(TestContext.CurrentContext.TestDirectory);
            while (!File.Exists(Path.Combine(folder.FullName, "AiDc.sln"))) folder = folder.Parent!;
            return Path.Combine(folder.FullName, "examples", "export_model.py");
        }
    }

    private static (int ExitCode, string Errors) Python(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("/usr/bin/python3", arguments) { RedirectStandardError = true, RedirectStandardOutput = true });
        if (process is null) return (1, "no Python");
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, errors + output.GetAwaiter().GetResult());
    }
}
