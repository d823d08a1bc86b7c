// Argo's own code, to be asked for its judgement without a cluster: argo-3.6, argo-3.7 and argo-4.0.
//
//	lint FILE…          prints what Argo's linter, and its check at submission, find; ends with 1 when they do
//	answer              reads one JSON request a line, writes one JSON answer a line, or {"error": …}:
//	    {"replace": TEXT, "variables": {…}}          {"text": …}     the tags in TEXT, as in a pod's JSON
//	    {"evaluate": EXPRESSION, "variables": {…}}   {"text": …}     as in valueFrom.expression; JSON
//	    {"label": TEXT}                              {"faults": […]} Kubernetes' rules for a label's value
//	control CONFIGMAP   is the workflow controller for the API that KUBECONFIG names, without the servers that the
//	                    original command opens, whose ports cannot be chosen
//
// What differs between the versions of Argo is in the other file, of which a build has one.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"github.com/expr-lang/expr"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

func main() {
	switch {
	case len(os.Args) > 2 && os.Args[1] == "lint":
		os.Exit(lint(os.Args[2:]))
	case len(os.Args) == 2 && os.Args[1] == "answer":
		answer()
	case len(os.Args) == 3 && os.Args[1] == "control":
		if err := control(os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	default:
		fmt.Fprintln(os.Stderr, "usage: lint FILE… | answer | control CONFIGMAP")
		os.Exit(2)
	}
}

type document struct {
	file   string
	object metav1.Object
}

// lint takes all files together, so that a template of one may be referred to from another.
func lint(files []string) int {
	findings := 0
	find := func(file, name string, err error) {
		findings++
		fmt.Printf("%s: %s: %v\n", file, name, err)
	}
	var documents []document
	templates := getter{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 2
		}
		for _, parsed := range parse(data) {
			if parsed.Err != nil {
				find(file, "document", parsed.Err)
			} else if parsed.Object != nil {
				documents = append(documents, document{file, parsed.Object})
				if template, ok := parsed.Object.(*Template); ok {
					templates[template.Name] = template
				}
			}
		}
	}
	for _, document := range documents {
		name := document.object.GetName()
		switch object := document.object.(type) {
		case *Template:
			if err := lintTemplate(templates, object); err != nil {
				find(document.file, name, err)
			} else if object.Spec.Entrypoint != "" {
				// Alone, a template may name any workflow.parameters; once submitted, only those that are declared.
				workflow := &Workflow{}
				workflow.GenerateName = name + "-"
				workflow.Spec.WorkflowTemplateRef = &TemplateRef{Name: name}
				if err := lintWorkflow(templates, workflow); err != nil {
					find(document.file, name+", submitted", err)
				}
			}
		case *Workflow:
			if err := lintWorkflow(templates, object); err != nil {
				find(document.file, name, err)
			}
		}
	}
	fmt.Printf("%d documents, %d findings\n", len(documents), findings)
	if findings > 0 {
		return 1
	}
	return 0
}

type getter map[string]*Template

func (templates getter) find(name string) (*Template, error) {
	if template, ok := templates[name]; ok {
		return template, nil
	}
	return nil, fmt.Errorf("there is no WorkflowTemplate %q in these files", name)
}

type request struct {
	Replace   *string           `json:"replace"`
	Evaluate  *string           `json:"evaluate"`
	Label     *string           `json:"label"`
	Variables map[string]string `json:"variables"`
}

type reply struct {
	Text   *string   `json:"text,omitempty"`
	Faults *[]string `json:"faults,omitempty"`
	Error  string    `json:"error,omitempty"`
}

func answer() {
	lines := bufio.NewReader(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) == 0 && err != nil {
			return
		}
		var asked request
		if err := json.Unmarshal(line, &asked); err != nil {
			_ = out.Encode(reply{Error: err.Error()})
			continue
		}
		_ = out.Encode(asked.answer())
	}
}

func (asked request) answer() reply {
	var text string
	var err error
	switch {
	case asked.Replace != nil:
		text, err = replace(*asked.Replace, asked.Variables)
	case asked.Evaluate != nil:
		text, err = evaluate(*asked.Evaluate, asked.Variables)
	case asked.Label != nil:
		faults := append([]string{}, validation.IsValidLabelValue(*asked.Label)...)
		return reply{Faults: &faults}
	default:
		err = fmt.Errorf("ask for replace, evaluate or label")
	}
	if err != nil {
		return reply{Error: err.Error()}
	}
	return reply{Text: &text}
}

func evaluate(expression string, variables map[string]string) (string, error) {
	scope := map[string]any{}
	for name, value := range variables {
		scope[name] = value
	}
	env := functions(scope)
	program, err := expr.Compile(expression, expr.Env(env))
	if err != nil {
		return "", err
	}
	result, err := expr.Run(program, env)
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(result)
	return string(text), err
}

func control(configMap string) error {
	client := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(clientcmd.NewDefaultClientConfigLoadingRules(), nil)
	config, err := client.ClientConfig()
	if err != nil {
		return err
	}
	namespace, _, err := client.Namespace()
	if err != nil {
		return err
	}
	config.ContentType = "application/json"
	config.QPS, config.Burst = 1000, 1000
	return runController(config, kubernetes.NewForConfigOrDie(config), namespace, configMap)
}
