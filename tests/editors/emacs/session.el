;; An eglot session in batch mode: the finding comes, is fixed, comes back with an undo, and an audit is asked for.
;; The configuration is the one that docs/editors/emacs.md shows.

(dolist (folder (file-expand-wildcards (concat (getenv "ELPA") "/*")))
  (add-to-list 'load-path folder))
(require 'eglot)
(require 'flymake)
(require 'python)

(defun say (format &rest arguments)
  (princ (concat (apply #'format format arguments) "\n")))

(defun check (passed what)
  (unless passed
    (error "failed: %s" what))
  (say "ok: %s" what))

(defun wait (what condition)
  "Wait, up to half a minute, until CONDITION holds."
  (let ((end (+ (float-time) 30)))
    (while (not (or (funcall condition) (> (float-time) end)))
      ;; What an idle moment does, which a batch session never has.
      (eglot--signal-textDocument/didChange)
      (accept-process-output nil 0.05)
      (flymake-start))
    (check (funcall condition) what)))

(defun load-documented-configuration ()
  (with-temp-buffer
    (insert-file-contents (getenv "PAGE"))
    (search-forward "```elisp\n")
    (let ((start (point)))
      (search-forward "```")
      (eval-region start (match-beginning 0)))))

(defun findings ()
  "The findings in the buffer, of the rule that the test is about."
  (seq-filter (lambda (diagnostic) (string-match-p "compared with" (flymake-diagnostic-text diagnostic)))
              (flymake-diagnostics)))

(defun session ()
  (load-documented-configuration)
  (setq eglot-sync-connect 20 eglot-events-buffer-size 0)
  (find-file "app.py")
  (let ((before (buffer-string)))
    (apply #'eglot (eglot--guess-contact))
    (check (eglot-current-server) "the server starts")
    (buffer-enable-undo)
    (wait "the finding comes" (lambda () (= 1 (length (findings)))))
    (let* ((finding (car (findings)))
           (start (flymake-diagnostic-beg finding))
           (end (flymake-diagnostic-end finding)))
      (check (equal (buffer-substring-no-properties start end) "token == expected_token")
             "it underlines its code, behind an emoji")
      (goto-char start)
      (let* ((server (eglot-current-server))
             (actions (eglot-code-actions start end "quickfix" nil))
             (fix (seq-find (lambda (action) (eq t (plist-get action :isPreferred))) actions))
             (resolved (if (plist-get fix :edit) fix (jsonrpc-request server :codeAction/resolve fix))))
        (check fix "there is a safe fix")
        (undo-boundary)
        (eglot--apply-workspace-edit (plist-get resolved :edit))
        (undo-boundary)))
    (check (string-match-p "hmac\\.compare_digest(" (buffer-string)) "it changes the code")
    (wait "and the finding goes" (lambda () (null (findings))))
    (primitive-undo 1 (cdr buffer-undo-list))
    (while (not (equal (buffer-string) before))
      (undo-more 1))
    (wait "undo brings both back" (lambda () (= 1 (length (findings)))))
    (let ((answer (jsonrpc-request (eglot-current-server) :workspace/executeCommand
                                   '(:command "shipworthy.auditWorkspace" :arguments []) :timeout 60)))
      (check (string-match-p "main\\.go" (plist-get answer :report)) "an audit reports on closed files"))
    (set-buffer-modified-p nil)
    (eglot-shutdown (eglot-current-server))))

(condition-case problem
    (session)
  (error
   (say "%s" (error-message-string problem))
   (kill-emacs 1)))
(kill-emacs 0)
