using AiDc.ControllerRuntime;
using AiDc.Gateway.Routing;

namespace AiDc.Gateway.Tests.Routing;

public sealed class TargetParserTests
{
    private static readonly TargetParser Parser = new("models.example.org");

    [TestCase("/v1/namespaces/a/services/mnist/v2/models/mnist/infer", "a/mnist", "/v2/models/mnist/infer")]
    [TestCase("/v1/namespaces/a/services/mnist", "a/mnist", "/")]
    [TestCase("/v1/namespaces/a/services/mnist/", "a/mnist", "/")]
    [TestCase("/v1/namespaces/a/services/mnist//x", "a/mnist", "//x")]
    public void The_path_names_the_service_and_what_follows_is_the_replicas(string path, string service, string rest) =>
        Assert.That(Parser.Parse(null, new("127.0.0.1:8080"), path), Is.EqualTo(new RequestTarget(NamespacedName.Parse(service), rest)));

    [TestCase("mnist.a.models.example.org")]
    [TestCase("mnist.a.models.example.org:8443")]
    [TestCase("MNIST.A.Models.Example.Org")]
    public void The_host_names_the_service_and_the_path_is_the_replicas(string host) =>
        Assert.That(Parser.Parse(null, new(host), "/v2/health/ready"), Is.EqualTo(new RequestTarget(new("a", "mnist"), "/v2/health/ready")));

    [Test]
    public void Names_may_have_dots()
    {
        Assert.That(Parser.Parse(null, new("big.model.a.models.example.org"), "/x")?.Service, Is.EqualTo(new NamespacedName("a", "big.model")));
        Assert.That(Parser.Parse(null, new("h"), "/v1/namespaces/a/services/big.model/x")?.Service, Is.EqualTo(new NamespacedName("a", "big.model")));
    }

    [TestCase("mnist.a.models.example.org", "/x", "a/mnist", "/x")]
    [TestCase("mnist.a.models.example.org", "/v1/namespaces/b/services/c/x", "a/mnist", "/v1/namespaces/b/services/c/x")]
    [TestCase("h", "/v1/namespaces/a/services/mnist/x", "a/mnist", "/x")]
    [TestCase("h", "/x", "b/other", "/x")]
    public void The_header_counts_where_neither_the_host_nor_the_path_names_a_service(string host, string path, string service, string rest) =>
        Assert.That(Parser.Parse("b/other", new(host), path), Is.EqualTo(new RequestTarget(NamespacedName.Parse(service), rest)));

    [TestCase("h", "/v1/namespaces/a/services/BAD/x")]
    [TestCase("h", "/v1/namespaces/a/jobs/x")]
    [TestCase("x.models.example.org", "/x")]
    public void Nor_does_it_where_they_are_of_that_form_and_name_none(string host, string path) => Assert.That(Parser.Parse("b/other", new(host), path), Is.Null);

    [TestCase("/")]
    [TestCase("")]
    [TestCase("/v2/models/mnist/infer")]
    [TestCase("/v1/namespaces/")]
    [TestCase("/v1/namespaces/a")]
    [TestCase("/v1/namespaces/a/services")]
    [TestCase("/v1/namespaces/a/services/")]
    [TestCase("/v1/namespaces//services/b/x")]
    [TestCase("/v1/namespaces/../services/b/x")]
    [TestCase("/v1/namespaces/A/services/b/x")]
    [TestCase("/v1/namespaces/a/jobs/b/x")]
    [TestCase("/v1/namespaces/a/services/b%2f/x")]
    public void What_names_no_service_leads_nowhere(string path) => Assert.That(Parser.Parse(null, new("example.org"), path), Is.Null);

    [TestCase("mnist")]
    [TestCase("/")]
    [TestCase("a/")]
    [TestCase("/b")]
    [TestCase("a/b/c")]
    [TestCase("a/B")]
    public void A_malformed_header_leads_nowhere(string header) => Assert.That(Parser.Parse(header, new("h"), "/x"), Is.Null);

    [Test]
    public void Without_a_suffix_hosts_say_nothing() =>
        Assert.That(new TargetParser("").Parse(null, new("mnist.a.models.example.org"), "/x"), Is.Null);
}
