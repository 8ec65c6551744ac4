using AiDc.Trainer.Models;
using static TorchSharp.torch;

namespace AiDc.Trainer.Tests.Models;

internal sealed class ImageClassifierTests
{
    [TestCase("cnn", 1, 28, 28)]
    [TestCase("cnn", 3, 11, 23)]
    [TestCase("cnn", 1, 10, 10)]
    [TestCase("cifar-cnn", 3, 32, 32)]
    [TestCase("cifar-cnn", 1, 9, 8)]
    public void It_takes_images_of_any_size_and_gives_a_value_per_class(string name, int channels, int height, int width)
    {
        using var scope = NewDisposeScope();
        using var model = ModelCatalog.Create(new(name, true, 0.5, channels, height, width, 7));
        Assert.That(model.call(randn(3, channels, height, width)).shape, Is.EqualTo(new long[] { 3, 7 }));
    }

    [Test]
    public void The_classic_MNIST_network_has_its_layers_and_no_others()
    {
        using var scope = NewDisposeScope();
        using var model = ModelCatalog.Create(new("cnn", false, 0.5, 1, 28, 28, 10));
        Assert.That(model.named_parameters().ToDictionary(p => p.name, p => string.Join('x', p.parameter.shape)), Is.EquivalentTo(new Dictionary<string, string>
        {
            ["conv1.weight"] = "32x1x3x3", ["conv1.bias"] = "32",
            ["conv2.weight"] = "64x32x3x3", ["conv2.bias"] = "64",
            ["dense1.weight"] = "128x3136", ["dense1.bias"] = "128",
            ["dense2.weight"] = "10x128", ["dense2.bias"] = "10",
        }));
    }

    [Test]
    public void The_CIFAR_network_has_three_convolutions_and_batch_norm_when_asked()
    {
        using var scope = NewDisposeScope();
        using var model = ModelCatalog.Create(new("cifar-cnn", true, 0, 3, 32, 32, 10));
        var names = model.state_dict().Keys.ToList();
        Assert.That(names.Count(n => n.StartsWith("conv", StringComparison.Ordinal)), Is.EqualTo(3), "a bias before batch norm is of no use");
        Assert.That(names, Does.Contain("norm3.running_mean").And.Contain("norm3.num_batches_tracked"));
    }

    [Test]
    public void Pooling_before_the_ReLU_gives_the_classic_order_s_values()
    {
        using var scope = NewDisposeScope();
        var x = randn(2, 3, 8, 8);
        var classic = nn.functional.max_pool2d(nn.functional.relu(x), 2);
        Assert.That(nn.functional.relu(nn.functional.max_pool2d(x, 2)).equal(classic).all().item<bool>());
    }

    [Test]
    public void Dropout_is_random_in_training_and_off_in_evaluation()
    {
        using var scope = NewDisposeScope();
        using var model = ModelCatalog.Create(new("cnn", false, 0.5, 1, 12, 12, 4));
        var x = randn(4, 1, 12, 12);
        model.train();
        Assert.That(model.call(x).allclose(model.call(x)), Is.False);
        model.eval();
        Assert.That(model.call(x).allclose(model.call(x)), Is.True);
    }

    [TestCase("vgg", 28, 28, "cnn")]
    [TestCase("cnn", 3, 28, "4x4")]
    [TestCase("cifar-cnn", 28, 7, "8x8")]
    public void A_network_that_does_not_exist_or_fit_is_refused_with_the_fix(string name, int height, int width, string fix) =>
        Assert.That(() => ModelCatalog.Create(new(name, false, 0, 1, height, width, 2)), Throws.TypeOf<ConfigurationException>().With.Message.Contain(fix));
}
