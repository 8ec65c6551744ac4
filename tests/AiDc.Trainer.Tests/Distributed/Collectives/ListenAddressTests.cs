using System.Net;
using AiDc.Trainer.Distributed.Collectives;
using TorchSharp;

namespace AiDc.Trainer.Tests.Distributed.Collectives;

/// <summary>Which address the peers are told, and which library serves which device.</summary>
[TestFixture]
internal sealed class ListenAddressTests
{
    [TestCase("lo", "10.1.2.3", "127.0.0.1")]
    [TestCase("10.9.8.7", "10.1.2.3", "10.9.8.7")]
    [TestCase("fd00::7", null, "fd00::7")]
    [TestCase(null, "10.1.2.3", "10.1.2.3")]
    [TestCase("", "fd00::3", "fd00::3")]
    public void The_interface_comes_before_the_pod(string? name, string? pod, string expected) =>
        Assert.That(ListenAddress.Find(Environment(name, pod)), Is.EqualTo(expected));

    [Test]
    public void Without_a_word_it_is_an_address_of_this_machine() =>
        Assert.That(IPAddress.TryParse(ListenAddress.Find(_ => null), out var found) && !found.Equals(IPAddress.Any));

    [Test]
    public void An_interface_that_is_not_there_is_refused_with_those_that_are() =>
        Assert.That(
            () => ListenAddress.Find(Environment("eth99", null)),
            Throws.TypeOf<ConfigurationException>().With.Message.Contain("AIDC_INTERFACE is 'eth99'").And.Message.Contain("lo"));

    [Test]
    public void A_pod_address_that_is_none_is_refused() =>
        Assert.That(() => ListenAddress.Find(Environment(null, "here")), Throws.TypeOf<ConfigurationException>().With.Message.Contain("POD_IP"));

    [Test]
    public void Gloo_serves_the_processor_and_NCCL_the_GPU()
    {
        Assert.That(CollectiveBackends.For(torch.CPU, Environment("lo", null)), Is.TypeOf<GlooBackend>());
        Assert.That(CollectiveBackends.For(new torch.Device(DeviceType.CUDA, 1), Environment("lo", null)), Is.TypeOf<NcclBackend>());
    }

    private static Func<string, string?> Environment(string? name, string? pod) =>
        variable => variable switch { "AIDC_INTERFACE" => name, "POD_IP" => pod, _ => null };
}
