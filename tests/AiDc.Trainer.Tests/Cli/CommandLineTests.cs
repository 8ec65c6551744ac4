using AiDc.Trainer.Cli;
using AiDc.Trainer.Tests.Training;
using Microsoft.Extensions.Time.Testing;

namespace AiDc.Trainer.Tests.Cli;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class CommandLineTests : IDisposable
{
    private readonly RunFolder _folder = new();
    private readonly StringWriter _out = new();
    private readonly StringWriter _error = new();
    private readonly Dictionary<string, string> _environment = [];

    public void Dispose()
    {
        _folder.Dispose();
        _out.Dispose();
        _error.Dispose();
    }

    [TestCase("", "Required command")]
    [TestCase("trian", "trian")]
    [TestCase("train", "--data")]
    [TestCase("train --data x --format jpeg", "idx, cifar10, folder")]
    [TestCase("train --data x --optimizer 1", "adam, sgd, adamw")]
    [TestCase("train --data x --epochs many", "many")]
    [TestCase("train --data x --checkpoint-every soon", "30s")]
    [TestCase("train --data x --epochs 1 --epochs 2", "--epochs")]
    [TestCase("train --data x --model vgg", "vgg")]
    [TestCase("evaluate --data x", "--model")]
    [TestCase("make-data", "Required command")]
    public void Wrong_usage_ends_with_2_and_says_what_is_wrong(string line, string expected)
    {
        Assert.That(Run(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)), Is.EqualTo(2));
        Assert.That(_error.ToString(), Does.Contain(expected).And.Contain("--help"));
    }

    [TestCase("train --data x", "--checkpoint-dir")]
    [TestCase("train --data x --output y --schedule step", "--step-epochs")]
    [TestCase("train --data x --output y --learning-rate NaN", "--learning-rate")]
    [TestCase("evaluate --data x --model nowhere", "nowhere/model.json")]
    [TestCase("evaluate --data x --model nowhere --threads 0", "--threads")]
    public void Wrong_settings_end_with_2_and_name_the_option(string line, string expected)
    {
        Assert.That(Run(line.Split(' ')), Is.EqualTo(2));
        Assert.That(_out.ToString() + _error, Does.Contain(expected));
    }

    [Test]
    public void An_attempt_that_is_no_number_is_refused()
    {
        _environment["AIDC_ATTEMPT"] = "first";
        Assert.That(Run("train", "--data", _folder.Data, "--checkpoint-dir", Path.Combine(_folder.Root, "c")), Is.EqualTo(2));
        Assert.That(_out.ToString(), Does.Contain("AIDC_ATTEMPT=first"));
    }

    [Test]
    public void Help_lists_every_option_and_its_default()
    {
        Assert.That(Run("train", "--help"), Is.Zero);
        foreach (var option in new[] { "--learning-rate", "--checkpoint-every", "--report", "--early-stopping-patience", "[default: 0.001]", "adam|sgd|adamw" })
            Assert.That(_out.ToString(), Does.Contain(option));
    }

    [Test]
    public void Evaluation_refuses_images_that_the_model_does_not_take()
    {
        var run = Path.Combine(_folder.Root, "run");
        Assert.That(Run("train", "--data", _folder.Data, "--epochs", "1", "--checkpoint-dir", run, "--threads", "1"), Is.Zero, _out.ToString());
        var digits = Path.Combine(_folder.Root, "digits");
        Assert.That(Run("make-data", "digits", "--output", digits, "--train", "10", "--test", "10"), Is.Zero, _error.ToString());
        Assert.That(Run("evaluate", "--model", Path.Combine(run, "model"), "--data", digits, "--threads", "1"), Is.EqualTo(2));
        Assert.That(_error.ToString(), Does.Contain("1x28x28").And.Contain("1x12x12"));
        var file = Path.Combine(_folder.Root, "out", "evaluation.json");
        Assert.That(Run("evaluate", "--model", Path.Combine(run, "model"), "--data", _folder.Data, "--threads", "1", "--json", file), Is.Zero);
        Assert.That(File.ReadAllText(file), Does.Contain("\"confusionMatrix\""));
        Assert.That(_out.ToString(), Does.Contain("confusion matrix"));
    }

    private int Run(params string[] arguments)
    {
        var uid = 0;
        var time = new FakeTimeProvider { AutoAdvanceAmount = TimeSpan.FromSeconds(1) };
        var context = new CommandContext(_out, _error, IsTerminal: false, _environment.GetValueOrDefault, time, time.GetUtcNow(), () => $"{++uid:x8}");
        return CommandLine.Run(arguments, context);
    }
}
